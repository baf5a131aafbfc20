#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/models/arrays.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {

Arrays::Arrays(std::initializer_list<Named> arrays) {
  for (const auto& [name, array] : arrays) {
    names_.push_back(name);
    arrays_.push_back(array);
  }
}

std::vector<Array> Arrays::in_order(const std::vector<std::string>& names, const std::string& where,
                                    const std::string& what) const {
  if (arrays_.size() != names.size()) {
    throw InvalidArgument(fmt::format("[{}] expected {} array{} for {} ({}), received {}", where,
                                      names.size(), names.size() == 1 ? "" : "s", what, join(names),
                                      arrays_.size()));
  }
  if (names_.empty() || names.size() == 1) return arrays_;
  std::vector<Array> ordered;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(names_, name);
    if (found == names_.end()) {
      throw InvalidArgument(
          fmt::format("[{}] no array for {} '{}', received {}", where, what, name, join(names_)));
    }
    ordered.push_back(arrays_[static_cast<std::size_t>(found - names_.begin())]);
  }
  return ordered;
}

}  // namespace banach
