#include <banach/core/fields.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace banach {

Json to_json(bool value) { return value; }
Json to_json(int value) { return value; }
Json to_json(std::int64_t value) { return value; }
Json to_json(double value) { return value; }
Json to_json(const std::string& value) { return value; }
Json to_json(const Json& value) { return value; }

Json to_json(std::uint64_t value) {
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    throw InvalidArgument(fmt::format("expected an integer below 2^63, received {}", value));
  }
  return static_cast<std::int64_t>(value);
}

Json to_json(const Shape& value) {
  Json::List list;
  for (const std::int64_t dim : value) {
    dim < 0 ? list.emplace_back() : list.emplace_back(dim);
  }
  return list;
}

void from_json(const Json& json, bool& value) { value = json.as_bool(); }
void from_json(const Json& json, std::int64_t& value) { value = json.as_int(); }
void from_json(const Json& json, double& value) { value = json.as_double(); }
void from_json(const Json& json, std::string& value) { value = json.as_string(); }
void from_json(const Json& json, Json& value) { value = json; }

void from_json(const Json& json, int& value) {
  const std::int64_t wide = json.as_int();
  if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) {
    throw InvalidArgument(fmt::format("expected an integer of 32 bits, received {}", wide));
  }
  value = static_cast<int>(wide);
}

void from_json(const Json& json, std::uint64_t& value) {
  const std::int64_t wide = json.as_int();
  if (wide < 0) throw InvalidArgument(fmt::format("expected an integer >= 0, received {}", wide));
  value = static_cast<std::uint64_t>(wide);
}

void from_json(const Json& json, Shape& value) {
  Shape shape;
  for (const Json& dim : json.as_list()) {
    const std::int64_t size = dim.is_null() ? kUnknown : dim.as_int();
    if (size < kUnknown) {
      throw InvalidArgument(fmt::format("expected a dimension >= 0 or null, received {}", size));
    }
    shape.push_back(size);
  }
  value = shape;
}

Fields::Fields(const Json& config, std::string where) : source_(&config), where_(std::move(where)) {
  if (config.is_dict()) return;
  throw InvalidArgument(
      fmt::format("[{}] expected a config that is a dict, received {}", where_, config.kind()));
}

const Json* Fields::take(std::string_view name) {
  const Json* found = source_->find(name);
  if (found != nullptr) taken_.emplace_back(name);
  return found;
}

void Fields::skip(std::string_view name) {
  if (reading()) take(name);
}

void Fields::must_have(std::string_view name) const {
  if (source_->find(name) == nullptr) fail(name, "missing from the config");
}

void Fields::fail(std::string_view name, const char* reason) const {
  throw InvalidArgument(fmt::format("[{}] {}: {}", where_, name, reason));
}

Fields& Fields::only(std::string_view name, const Json& value) {
  if (!reading()) {
    written_[name] = value;
  } else if (const Json* found = take(name); found && !found->is_null() && *found != value) {
    throw NotSupported(fmt::format("[{}] {}: received {}, only {} is supported", where_, name,
                                   found->str(), value.str()));
  }
  return *this;
}

std::vector<std::string> Fields::unknown() const {
  std::vector<std::string> names;
  if (!reading()) return names;
  for (const auto& [name, value] : source_->as_dict()) {
    if (!value.is_null() && std::ranges::find(taken_, name) == taken_.end()) names.push_back(name);
  }
  return names;
}

}  // namespace banach
