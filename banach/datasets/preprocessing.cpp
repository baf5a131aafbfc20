#include <banach/core/errors.hpp>
#include <banach/datasets/preprocessing.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <vector>

namespace banach::utils {
namespace {

// A stray label must not make the number of classes, and the result, enormous.
constexpr std::int64_t kMaxGuessedClasses = 1'000'000;

[[noreturn]] void fail(const std::string& what) {
  throw InvalidArgument("[to_categorical] " + what);
}

template <class T>
std::int64_t integer(T value, std::size_t position) {
  if constexpr (!std::is_integral_v<T>) {
    const auto number = static_cast<double>(value);
    constexpr double kLimit = 0x1p53;  // beyond it not every integer has a value
    if (!(std::abs(number) <= kLimit) || std::trunc(number) != number) {
      fail(fmt::format("label {} at position {} is not an integer", number, position));
    }
  }
  return static_cast<std::int64_t>(value);
}

std::vector<std::int64_t> to_labels(const Array& x) {
  std::vector<std::int64_t> labels;
  labels.reserve(static_cast<std::size_t>(x.size()));
  visit_dtype(x.dtype(), [&]<class T>() {
    for (T value : x.values<T>()) labels.push_back(integer(value, labels.size()));
  });
  return labels;
}

std::int64_t guess_classes(const std::vector<std::int64_t>& labels) {
  if (labels.empty()) fail("expected labels or num_classes, received neither");
  const std::int64_t largest = *std::ranges::max_element(labels);
  if (largest >= kMaxGuessedClasses) {
    fail(fmt::format("the largest label is {}: pass num_classes if there are that many classes",
                     largest));
  }
  return std::max<std::int64_t>(largest + 1, 1);
}

void check_range(const std::vector<std::int64_t>& labels, std::int64_t num_classes) {
  const auto bad = std::ranges::find_if(
      labels, [&](std::int64_t label) { return label < 0 || label >= num_classes; });
  if (bad == labels.end()) return;
  fail(
      fmt::format("label {} at position {} is outside [0, {}): pass a larger num_classes or "
                  "correct the labels",
                  *bad, bad - labels.begin(), num_classes));
}

}  // namespace

Array to_categorical(const Array& x, std::optional<std::int64_t> num_classes) {
  if (num_classes && *num_classes < 1) {
    fail(fmt::format("expected num_classes of at least 1, received {}", *num_classes));
  }
  const std::vector<std::int64_t> labels = to_labels(x);
  const std::int64_t classes = num_classes ? *num_classes : guess_classes(labels);
  check_range(labels, classes);

  Shape shape = x.shape();
  if (shape.rank() > 1 && shape[-1] == 1) shape = shape.slice(0, shape.rank() - 1);
  shape.push_back(classes);
  Array result(shape, float32);
  float* row = result.mutable_values<float>().data();
  for (std::int64_t label : labels) {
    row[label] = 1;
    row += classes;
  }
  return result;
}

}  // namespace banach::utils
