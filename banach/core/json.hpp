#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace banach {

/// A JSON value, what configs are made of: null, a bool, an integer, a number, a string, a list or
/// a dict, whose members keep their order. Text is read and written by formats/json.hpp.
class Json {
 public:
  using List = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Dict = std::vector<Member>;

  Json();  ///< null
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();
  Json(bool value) : value_(value) {}
  Json(int value) : value_(std::int64_t{value}) {}
  Json(std::int64_t value) : value_(value) {}
  Json(double value) : value_(value) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(List value) : value_(std::move(value)) {}
  Json(Dict value) : value_(std::move(value)) {}
  static Json list(List value = {}) { return Json(std::move(value)); }
  static Json dict(Dict value = {}) { return Json(std::move(value)); }

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_int() const { return std::holds_alternative<std::int64_t>(value_); }
  bool is_number() const { return is_int() || std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_list() const { return std::holds_alternative<List>(value_); }
  bool is_dict() const { return std::holds_alternative<Dict>(value_); }

  /// The value as what it is; InvalidArgument, naming both kinds, when it is something else. A
  /// number without a fraction is also an int.
  bool as_bool() const;
  std::int64_t as_int() const;
  double as_double() const;
  const std::string& as_string() const&;
  const List& as_list() const&;
  const Dict& as_dict() const&;
  void as_string() && = delete;  // what they refer to would be gone
  void as_list() && = delete;
  void as_dict() && = delete;

  /// The member of a dict; null when there is none, or this is no dict.
  const Json* find(std::string_view key) const;
  /// The same; InvalidArgument, naming the key, when there is none.
  const Json& at(std::string_view key) const;
  /// The member, which is added at the end when there is none; null becomes an empty dict.
  Json& operator[](std::string_view key);
  void push_back(Json value);  ///< to a list; null becomes an empty one

  std::string kind() const;  ///< "an integer", "a string", ..., for messages
  std::string str() const;   ///< the value if it is short, else its kind; for messages

  bool operator==(const Json& other) const = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Dict> value_;
};

}  // namespace banach
