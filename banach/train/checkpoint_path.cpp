#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/train/checkpoint_path.hpp>
#include <banach/train/messages.hpp>

#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <vector>

namespace banach {
namespace {

using Replace = std::function<std::string(const std::string& name, const std::string& spec)>;

[[noreturn]] void fail(const std::string& pattern, const std::string& reason) {
  throw InvalidArgument(fmt::format("[ModelCheckpoint] filepath '{}': {}", pattern, reason));
}

// "val_loss:.2f", without its braces.
std::string replace_field(const std::string& field, const Replace& replace) {
  const auto colon = field.find(':');
  return replace(field.substr(0, colon), colon == std::string::npos ? "" : field.substr(colon + 1));
}

std::string replace_fields(const std::string& pattern, const Replace& replace) {
  std::string result;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    const bool twice = at + 1 < pattern.size() && pattern[at + 1] == c;
    if (c != '{' && c != '}') {
      result += c;
    } else if (twice) {
      result += pattern[at++];
    } else if (const auto end = pattern.find('}', at); c == '{' && end != std::string::npos) {
      result += replace_field(pattern.substr(at + 1, end - at - 1), replace);
      at = end;
    } else {
      fail(pattern, fmt::format("the brace at byte {} has no partner; write {{{{ or }}}} for a "
                                "brace itself",
                                at));
    }
  }
  return result;
}

bool ends_in_one_of(const std::string& spec, std::string_view types) {
  return !spec.empty() && types.find(spec.back()) != std::string_view::npos;
}

template <class T>
std::string format_as(const std::string& pattern, T value, const std::string& spec) {
  try {
    return fmt::format(fmt::runtime("{:" + spec + "}"), value);
  } catch (const fmt::format_error& error) {
    fail(pattern, fmt::format("'{}' does not format such a number ({}); known are forms like 02d, "
                              ".2f, .3e and .4g",
                              spec, error.what()));
  }
}

std::string format_number(const std::string& pattern, double value, const std::string& spec) {
  if (spec.empty()) return python_repr(value);
  const std::string text = format_as(pattern, value, spec);
  const bool like_repr = !ends_in_one_of(spec, "eEfFgG") && std::isfinite(value);
  return like_repr && text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string format_number(const std::string& pattern, std::int64_t value, const std::string& spec) {
  if (ends_in_one_of(spec, "eEfFgG")) {
    return format_as(pattern, static_cast<double>(value), spec);
  }
  return format_as(pattern, value, spec);
}

[[noreturn]] void fail_unknown(const std::string& pattern, const std::string& name,
                               const PathValues& values) {
  std::vector<std::string> known = {"epoch"};
  if (values.batch) known.emplace_back("batch");
  for (const auto& [key, value] : values.logs) known.push_back(key);
  throw NotFound(fmt::format("[ModelCheckpoint] filepath '{}': there is no '{}'. {}Known: {}",
                             pattern, name, did_you_mean(name, known), join(known)));
}

}  // namespace

std::string format_path(const std::string& pattern, const PathValues& values) {
  return replace_fields(pattern, [&](const std::string& name, const std::string& spec) {
    const auto found = values.logs.find(name);
    if (found != values.logs.end()) return format_number(pattern, found->second, spec);
    if (name == "epoch") return format_number(pattern, values.epoch, spec);
    if (name == "batch" && values.batch) return format_number(pattern, *values.batch, spec);
    fail_unknown(pattern, name, values);
  });
}

void check_path(const std::string& pattern) {
  replace_fields(pattern, [&](const std::string& name, const std::string& spec) {
    const bool counted = name == "epoch" || name == "batch";
    return counted ? format_number(pattern, std::int64_t{1}, spec)
                   : format_number(pattern, 0.5, spec);
  });
}

}  // namespace banach
