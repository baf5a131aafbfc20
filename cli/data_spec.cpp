#include <cli/data_spec.hpp>

#include <cli/errors.hpp>

#include <fmt/format.h>
#include <regex>

namespace banach::cli {
namespace {

constexpr std::string_view kDataset = "dataset:";

std::optional<std::int64_t> number(const std::ssub_match& digits) {
  return digits.matched ? std::optional(std::int64_t{std::stoll(digits.str())}) : std::nullopt;
}

}  // namespace

const char* const kDataHelp =
    "dataset:mnist or dataset:fashion_mnist; an .npz file with x and y (or x_train, y_train, "
    "x_test, y_test); a .csv file; a folder of pictures by class. A part and samples may follow: "
    "dataset:mnist[test][0:10]";

std::optional<std::string> DataSpec::dataset() const {
  if (!source.starts_with(kDataset)) return std::nullopt;
  return source.substr(kDataset.size());
}

DataSpec parse_data_spec(const std::string& text) {
  static const std::regex kForm(
      R"((.+?)(?:\[(train|test|val)\])?(?:\[(\d{1,18})?(:)?(\d{1,18})?\])?)");
  std::smatch match;
  DataSpec spec{.text = text, .source = text};
  if (!std::regex_match(text, match, kForm)) return spec;
  spec.source = match[1];
  spec.part = match[2];
  spec.first = number(match[3]).value_or(0);
  spec.last = match[3].matched && !match[4].matched ? spec.first + 1 : number(match[5]);
  if (spec.source.ends_with(']') || (spec.last && *spec.last <= spec.first)) {
    throw UsageError(fmt::format(
        "'{}': expected at its end a part, [train] or [test], and samples, such as [0:10], "
        "[100:] or [7]",
        text));
  }
  return spec;
}

}  // namespace banach::cli
