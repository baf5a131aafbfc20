#include <banach/core/errors.hpp>
#include <banach/formats/json.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>

namespace banach::formats {
namespace {

constexpr std::size_t kMaxText = std::size_t{64} << 20;
constexpr std::size_t kMaxDepth = 64;  // a Keras config has 8 to 25 levels
constexpr std::size_t kMaxValues = std::size_t{1} << 22;

[[noreturn]] void throw_malformed(std::string_view text, const std::string& where,
                                  std::size_t position, const std::string& reason) {
  throw Corruption(fmt::format("[{}] not the JSON expected, at byte {} of {}: {}", where, position,
                               text.size(), reason));
}

// Reads the text and tells how far the parser is.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, const char** reached) : at_(at), reached_(reached) {}
  const char& operator*() const { return *at_; }
  Cursor& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  bool operator==(const Cursor& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

// What is being built: the lists and dicts that are open, the innermost last.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  Json run() {
    const char *begin = text_.data(), *end = begin + text_.size();
    nlohmann::json::sax_parse(Cursor(begin, &reached_), Cursor(end, &reached_), this);
    return std::move(result_);
  }

  bool null() override {
    place();
    return true;
  }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(std::int64_t value) override { return add(value); }
  bool number_unsigned(std::uint64_t value) override {
    if (value > INT64_MAX) return add(static_cast<double>(value));
    return add(static_cast<std::int64_t>(value));
  }
  bool number_float(double value, const std::string&) override { return add(value); }
  bool string(std::string& value) override { return add(std::string(value)); }
  bool binary(nlohmann::json::binary_t&) override { return false; }  // never in a text
  bool start_object(std::size_t) override { return open(false); }
  bool start_array(std::size_t) override { return open(true); }

  bool key(std::string& name) override {
    open_.back().members.emplace_back(name, Json());
    return true;
  }
  bool end_array() override {
    Json::List items = std::move(open_.back().items);
    open_.pop_back();
    return add(std::move(items));
  }
  bool end_object() override {
    check_unique(open_.back().members);
    Json::Dict members = std::move(open_.back().members);
    open_.pop_back();
    return add(std::move(members));
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& error) override {
    fail(position, reason_of(error.what()));
  }

 private:
  struct Container {
    bool is_list;
    Json::List items;
    Json::Dict members;
  };

  [[noreturn]] void fail(std::size_t position, const std::string& reason) const {
    throw_malformed(text_, where_, position, reason);
  }
  std::size_t position() const {
    return reached_ == nullptr ? 0 : static_cast<std::size_t>(reached_ - text_.data());
  }

  // nlohmann's message without its number, line and what it read, which may be long.
  static std::string reason_of(std::string text) {
    constexpr std::size_t kLongest = 160;
    for (const char* prefix : {"] ", "column"}) {
      if (const auto at = text.find(prefix); at != std::string::npos) text.erase(0, at + 2);
    }
    if (const auto at = text.find(": "); at != std::string::npos) text.erase(0, at + 2);
    return text.substr(0, std::min(text.find("; last read"), kLongest));
  }

  bool open(bool is_list) {
    if (open_.size() == kMaxDepth) {
      fail(position(), fmt::format("lists and dicts nest deeper than {} levels", kMaxDepth));
    }
    open_.push_back({is_list, {}, {}});
    return true;
  }

  // Where the next value goes.
  Json& place() {
    if (++count_ > kMaxValues) fail(position(), fmt::format("more than {} values", kMaxValues));
    if (open_.empty()) return result_;
    if (open_.back().is_list) return open_.back().items.emplace_back();
    return open_.back().members.back().second;
  }

  template <class T>
  bool add(T&& value) {
    place() = Json(std::forward<T>(value));
    return true;
  }

  void check_unique(const Json::Dict& members) const {
    std::vector<std::string_view> names;
    for (const auto& [name, value] : members) names.push_back(name);
    std::ranges::sort(names);
    const auto repeated = std::ranges::adjacent_find(names);
    if (repeated == names.end()) return;
    fail(position(), fmt::format("the dict that ends here has the key '{}' twice", *repeated));
  }

  std::string_view text_;
  const std::string& where_;
  const char* reached_ = nullptr;
  std::vector<Container> open_;
  std::size_t count_ = 0;
  Json result_;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& where) {
  if (text.size() > kMaxText) {
    throw Corruption(fmt::format("[{}] expected at most {} bytes of JSON, received {}", where,
                                 kMaxText, text.size()));
  }
  // The parser would skip the one and end at the other.
  if (text.starts_with("\xEF\xBB\xBF")) throw_malformed(text, where, 0, "a byte-order mark");
  if (const auto at = text.find('\0'); at != std::string_view::npos) {
    throw_malformed(text, where, at, "a zero byte");
  }
  return Builder(text, where).run();
}

}  // namespace banach::formats
