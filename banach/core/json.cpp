#include <banach/core/errors.hpp>
#include <banach/core/json.hpp>

#include <cmath>
#include <fmt/format.h>

namespace banach {
namespace {

[[noreturn]] void wrong_kind(const char* expected, const Json& received) {
  throw InvalidArgument(std::string("expected ") + expected + ", received " + received.kind());
}

template <class T, class Value>
const T& get_as(const Value& value, const char* expected, const Json& json) {
  const T* held = std::get_if<T>(&value);
  if (held == nullptr) wrong_kind(expected, json);
  return *held;
}

}  // namespace

// Here and not in the header: GCC 12 warns of the inlined moves of a variant, wrongly.
Json::Json() = default;
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

bool Json::as_bool() const { return get_as<bool>(value_, "true or false", *this); }
const std::string& Json::as_string() const& {
  return get_as<std::string>(value_, "a string", *this);
}
const Json::List& Json::as_list() const& { return get_as<List>(value_, "a list", *this); }
const Json::Dict& Json::as_dict() const& { return get_as<Dict>(value_, "a dict", *this); }

std::int64_t Json::as_int() const {
  if (const auto* number = std::get_if<double>(&value_)) {
    constexpr double kExact = 9007199254740992.0;  // 2^53
    if (std::trunc(*number) == *number && std::abs(*number) <= kExact) {
      return static_cast<std::int64_t>(*number);
    }
  }
  return get_as<std::int64_t>(value_, "an integer", *this);
}

double Json::as_double() const {
  if (is_int()) return static_cast<double>(std::get<std::int64_t>(value_));
  return get_as<double>(value_, "a number", *this);
}

const Json* Json::find(std::string_view key) const {
  if (!is_dict()) return nullptr;
  for (const auto& [name, value] : std::get<Dict>(value_)) {
    if (name == key) return &value;
  }
  return nullptr;
}

const Json& Json::at(std::string_view key) const {
  as_dict();
  const Json* found = find(key);
  if (found == nullptr) throw InvalidArgument("expected a member '" + std::string(key) + "'");
  return *found;
}

Json& Json::operator[](std::string_view key) {
  if (is_null()) value_ = Dict();
  as_dict();
  auto& members = std::get<Dict>(value_);
  for (auto& [name, value] : members) {
    if (name == key) return value;
  }
  return members.emplace_back(std::string(key), Json()).second;
}

void Json::push_back(Json value) {
  if (is_null()) value_ = List();
  as_list();
  std::get<List>(value_).push_back(std::move(value));
}

std::string Json::kind() const {
  constexpr const char* kKinds[] = {"null",     "true or false", "an integer", "a number",
                                    "a string", "a list",        "a dict"};
  return kKinds[value_.index()];
}

std::string Json::str() const {
  constexpr std::size_t kShort = 60;
  if (is_null()) return "null";
  if (is_bool()) return as_bool() ? "true" : "false";
  if (is_int()) return std::to_string(as_int());
  if (is_number()) return fmt::format("{}", as_double());
  if (is_string() && as_string().size() <= kShort) return '"' + as_string() + '"';
  return kind();
}

}  // namespace banach
