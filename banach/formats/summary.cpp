// What is logged under a tag: tensorboard/plugins/{scalar,histogram,text}/summary_v2.py.
#include <banach/formats/event.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace banach::formats {
namespace {

constexpr int kBuckets = 30;

struct Range {
  double least = std::numeric_limits<double>::infinity();
  double largest = -std::numeric_limits<double>::infinity();
  std::int64_t count = 0;
};

// Calls `visit` with each finite element.
template <class F>
void for_each_finite(const Array& array, F visit) {
  visit_dtype(array.dtype(), [&]<class T>() {
    for (const T element : array.values<T>()) {
      const auto value = static_cast<double>(element);
      if (std::isfinite(value)) visit(value);
    }
  });
}

Range range_of(const Array& values) {
  Range range;
  for_each_finite(values, [&](double value) {
    range.least = std::min(range.least, value);
    range.largest = std::max(range.largest, value);
    ++range.count;
  });
  return range;
}

// Rows of left end, right end, count.
Array buckets_of(const Array& values) {
  Array buckets({kBuckets, 3}, float64);
  const auto rows = buckets.mutable_values<double>();
  const Range range = range_of(values);
  if (range.count == 0) return buckets;
  const double width = (range.largest - range.least) / kBuckets;
  for (int i = 0; i < kBuckets; ++i) {
    rows[3 * i] = range.least + width * i;
    rows[3 * i + 1] = i + 1 == kBuckets ? range.largest : range.least + width * (i + 1);
  }
  for_each_finite(values, [&](double value) {
    const double place = (value - range.least) / width;  // NaN where all values are the same
    const int bucket = place < kBuckets - 1 ? static_cast<int>(place) : kBuckets - 1;
    ++rows[3 * bucket + 2];
  });
  return buckets;
}

}  // namespace

Summary scalar_summary(const std::string& tag, double value) {
  return {tag, "scalars", "", Array::full({}, value), {}};
}

Summary histogram_summary(const std::string& tag, const Array& values) {
  return {tag, "histograms", "", buckets_of(values), {}};
}

Summary text_summary(const std::string& tag, const std::string& text) {
  return {tag, "text", "", {}, {text}};
}

Summary keras_model_summary(const std::string& tag, const std::string& json) {
  return {tag, "graph_keras_model", "1", {}, {json}};
}

}  // namespace banach::formats
