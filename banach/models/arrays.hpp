#pragma once

#include <banach/core/array.hpp>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace banach {

/// The arrays for a model's inputs or outputs: one, several in order, or several by name.
class Arrays {
 public:
  using Named = std::pair<std::string, Array>;

  Arrays(const Array& array) : arrays_{array} {}
  Arrays(std::vector<Array> arrays) : arrays_(std::move(arrays)) {}
  Arrays(std::initializer_list<Array> arrays) : arrays_(arrays) {}
  Arrays(std::initializer_list<Named> arrays);

  std::size_t size() const { return arrays_.size(); }

  /// One array for each of these inputs or outputs; with a single name, any name of the array's own
  /// will do. InvalidArgument, beginning with `where` and naming `what` ("x"), when they do not
  /// match.
  std::vector<Array> in_order(const std::vector<std::string>& names, const std::string& where,
                              const std::string& what) const;

 private:
  std::vector<Array> arrays_;
  std::vector<std::string> names_;  // empty when they come in order
};

}  // namespace banach
