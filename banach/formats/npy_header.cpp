#include <banach/core/errors.hpp>
#include <banach/formats/npy_header.hpp>

#include <charconv>
#include <fmt/format.h>

namespace banach::formats {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw Corruption(fmt::format("[{}] {}", name, what));
}

// Reads the one Python dictionary that a header is:
// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class DictionaryParser {
 public:
  DictionaryParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  NpyHeader run() {
    expect('{');
    while (!accept('}')) {
      field();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_spaces();
    if (at_ != text_.size()) complain("the end");
    if (!seen_descr_ || !seen_order_ || !seen_shape_) {
      fail(name_, "the header lacks one of 'descr', 'fortran_order' and 'shape'");
    }
    return header_;
  }

 private:
  [[noreturn]] void complain(std::string_view expected) const {
    fail(name_, fmt::format("the header at character {}: expected {}", at_, expected));
  }

  void field() {
    const std::string_view key = quoted();
    expect(':');
    if (key == "descr" && !seen_descr_) {
      header_.descr = descr();
      seen_descr_ = true;
    } else if (key == "fortran_order" && !seen_order_) {
      header_.fortran_order = boolean();
      seen_order_ = true;
    } else if (key == "shape" && !seen_shape_) {
      header_.shape = shape();
      seen_shape_ = true;
    } else {
      complain("each of 'descr', 'fortran_order' and 'shape' once");
    }
  }

  std::string descr() {
    if (accept('[')) {
      throw NotSupported(fmt::format("[{}] structured dtypes: save one array per field", name_));
    }
    return std::string(quoted());
  }

  bool boolean() {
    skip_spaces();
    if (accept_word("True")) return true;
    if (accept_word("False")) return false;
    complain("True or False");
  }

  Shape shape() {
    Shape shape;
    expect('(');
    while (!accept(')')) {
      if (shape.rank() == Shape::kMaxRank) {
        throw NotSupported(
            fmt::format("[{}] expected at most {} dimensions", name_, Shape::kMaxRank));
      }
      shape.push_back(dimension());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return shape;
  }

  std::int64_t dimension() {
    skip_spaces();
    std::int64_t value = -1;
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc() || value < 0) complain("a dimension from 0 to 2^63 - 1");
    at_ += static_cast<std::size_t>(end - begin);
    accept_word("L");  // written by Python 2
    return value;
  }

  std::string_view quoted() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') expect('\'');
    const std::size_t begin = at_;
    at_ = std::min(text_.find(quote, at_), text_.size());
    const std::string_view content = text_.substr(begin, at_ - begin);
    if (at_ == text_.size()) complain("a closing quote");
    ++at_;
    return content;
  }

  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  bool accept_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool accept(char c) {
    skip_spaces();
    return accept_word({&c, 1});
  }

  void expect(char c) {
    if (!accept(c)) complain(fmt::format("'{}'", c));
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  NpyHeader header_;
  bool seen_descr_ = false, seen_order_ = false, seen_shape_ = false;
};

}  // namespace

NpyHeader parse_npy_header(ByteSpan bytes, const std::string& name) {
  const std::string_view text = as_text(bytes);
  if (!text.starts_with(kMagic))
    fail(name, "expected an .npy file, which begins with '\\x93NUMPY'");
  if (text.size() < kMagic.size() + 2) fail(name, "ends inside the header");
  const auto byte_at = [&](std::size_t i) { return std::to_integer<std::size_t>(bytes[i]); };
  const std::size_t version = byte_at(kMagic.size());
  if (version < 1 || version > 3 || byte_at(kMagic.size() + 1) != 0) {
    throw NotSupported(fmt::format("[{}] .npy version {}.{}: expected 1.0, 2.0 or 3.0", name,
                                   version, byte_at(kMagic.size() + 1)));
  }
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t begin = kMagic.size() + 2 + length_bytes;
  if (text.size() < begin) fail(name, "ends inside the header");
  std::size_t length = 0;
  for (std::size_t i = 1; i <= length_bytes; ++i) length = length << 8 | byte_at(begin - i);
  if (length > kMaxNpyHeader) {
    fail(name, fmt::format("the header says it has {} bytes, more than the {} allowed", length,
                           kMaxNpyHeader));
  }
  if (text.size() - begin < length) fail(name, "ends inside the header");
  NpyHeader header = DictionaryParser(text.substr(begin, length), name).run();
  header.size = begin + length;
  return header;
}

}  // namespace banach::formats
