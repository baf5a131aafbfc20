#pragma once

#include <banach/core/errors.hpp>
#include <banach/core/json.hpp>
#include <banach/core/shape.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banach {

// How values of a type stand in a config. A type of your own brings its pair in its namespace.
Json to_json(bool value);
Json to_json(int value);
Json to_json(std::int64_t value);
Json to_json(std::uint64_t value);  ///< InvalidArgument beyond 2^63 - 1
Json to_json(double value);
Json to_json(const std::string& value);
Json to_json(const Shape& value);  ///< a list, null where unknown
Json to_json(const Json& value);
void from_json(const Json& json, bool& value);
void from_json(const Json& json, int& value);
void from_json(const Json& json, std::int64_t& value);
void from_json(const Json& json, std::uint64_t& value);
void from_json(const Json& json, double& value);
void from_json(const Json& json, std::string& value);
void from_json(const Json& json, Shape& value);
void from_json(const Json& json, Json& value);

template <class T>
Json to_json(const std::optional<T>& value) {
  return value ? to_json(*value) : Json();
}
template <class T>
void from_json(const Json& json, std::optional<T>& value) {
  if (json.is_null()) {
    value.reset();
  } else {
    from_json(json, value ? *value : value.emplace());
  }
}

template <class T>
Json to_json(const std::vector<T>& values) {
  Json::List list;
  for (const T& value : values) list.push_back(to_json(value));
  return list;
}
template <class T>
void from_json(const Json& json, std::vector<T>& values) {
  values.clear();
  for (const Json& item : json.as_list()) from_json(item, values.emplace_back());
}

/// The fields of a config, listed once by a function that serves both ways: `fields("units",
/// units_)` writes the value under its name, or reads it. A name that a config lacks leaves the
/// value as it is, so options keep their defaults.
class Fields {
 public:
  Fields() = default;  ///< writes
  /// Reads `config`, which must outlive it; `where` begins the text of errors: "dense_1".
  Fields(const Json& config, std::string where);

  bool reading() const { return source_ != nullptr; }
  const std::string& where() const { return where_; }

  template <class T>
  Fields& operator()(std::string_view name, T& value) {
    if (!reading()) {
      written_[name] = to_json(value);
    } else if (const Json* found = take(name)) {
      read(name, *found, value);
    }
    return *this;
  }
  /// The same, but reading a config that lacks the name is an error.
  template <class T>
  Fields& required(std::string_view name, T& value) {
    if (reading()) must_have(name);
    return (*this)(name, value);
  }
  /// A name that is read elsewhere.
  void skip(std::string_view name);
  /// An option of Keras of which there is one value here: it is written, and NotSupported is thrown
  /// when another is read.
  Fields& only(std::string_view name, const Json& value);

  const Json& written() const { return written_; }
  /// The names read from the config that nobody asked for and whose value is not null.
  std::vector<std::string> unknown() const;

 private:
  const Json* take(std::string_view name);
  void must_have(std::string_view name) const;
  [[noreturn]] void fail(std::string_view name, const char* reason) const;

  template <class T>
  void read(std::string_view name, const Json& json, T& value) const {
    try {
      from_json(json, value);
    } catch (const InvalidArgument& error) {
      fail(name, error.what());
    }
  }

  const Json* source_ = nullptr;
  std::string where_;
  std::vector<std::string> taken_;
  Json written_ = Json::dict();
};

}  // namespace banach
