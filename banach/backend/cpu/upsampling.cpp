#include <banach/backend/cpu/slices.hpp>
#include <banach/backend/cpu/upsampling.hpp>
#include <banach/core/simd_targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/upsampling.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/simd-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

HWY_INLINE Floats between(Floats lower, Floats upper, Floats weight) {
  return hn::MulAdd(hn::Sub(upper, lower), weight, lower);
}

// One row of y from two rows of x.
void mix_row(float* y, const float* lower, const float* upper, float row_weight,
             const UpSampleShape& s) {
  const Floats vertical = all(row_weight);
  for (const Sample& column : s.columns) {
    const std::int64_t left = column.lower * s.channels, right = column.upper * s.channels;
    const Floats horizontal = all(column.weight<float>());
    for_each_vector(s.channels, [=](auto access, std::int64_t c) HWY_ATTR {
      const Floats top =
          between(access.load(lower + left + c), access.load(lower + right + c), horizontal);
      const Floats bottom =
          between(access.load(upper + left + c), access.load(upper + right + c), horizontal);
      access.store(between(top, bottom, vertical), y + c);
    });
    y += s.channels;
  }
}

HWY_INLINE void add_scaled(float* to, const float* from, float scale, std::int64_t size) {
  for_each_vector(size, [=](auto access, std::int64_t i) HWY_ATTR {
    access.store(hn::MulAdd(access.load(from + i), all(scale), access.load(to + i)), to + i);
  });
}

// Adds what a row of dy, times a weight, owes to a row of dx.
void add_row(float* dx, const float* dy, float row_weight, const UpSampleShape& s) {
  for (const Sample& column : s.columns) {
    const auto weight = column.weight<float>();
    add_scaled(dx + column.lower * s.channels, dy, row_weight * (1 - weight), s.channels);
    if (weight != 0) {
      add_scaled(dx + column.upper * s.channels, dy, row_weight * weight, s.channels);
    }
    dy += s.channels;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(mix_row);
HWY_EXPORT(add_row);

namespace {

std::int64_t count(const std::vector<Sample>& samples) {
  return static_cast<std::int64_t>(samples.size());
}

void copy_row(float* y, const float* x, const UpSampleShape& s) {
  for (const Sample& column : s.columns) {
    std::copy_n(x + column.lower * s.channels, s.channels, y);
    y += s.channels;
  }
}

bool repeats(const std::vector<Sample>& samples) {
  return std::ranges::all_of(samples, [](const Sample& s) { return s.numerator == 0; });
}

// The weight of a row of x in a row of y.
float weight_in(const Sample& sample, std::int64_t row) {
  float weight = 0;
  if (sample.lower == row) weight += 1 - sample.weight<float>();
  if (sample.upper == row) weight += sample.weight<float>();
  return weight;
}

}  // namespace

void up_sample(float* y, const float* x, const UpSampleShape& shape) {
  const bool only_repeats = repeats(shape.rows) && repeats(shape.columns);
  const std::int64_t rows = count(shape.rows), columns = count(shape.columns);
  const std::int64_t x_size = shape.width * shape.channels, y_size = columns * shape.channels;
  parallel_rows(shape.batch * rows, y_size, kLightGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const Sample& sample = shape.rows[static_cast<std::size_t>(row % rows)];
      const float* image = x + row / rows * shape.height * x_size;
      const float *lower = image + sample.lower * x_size, *upper = image + sample.upper * x_size;
      if (only_repeats) {
        copy_row(y + row * y_size, lower, shape);
      } else {
        HWY_DYNAMIC_DISPATCH(mix_row)
        (y + row * y_size, lower, upper, sample.weight<float>(), shape);
      }
    }
  });
}

void up_sample_grad(float* dx, const float* dy, const UpSampleShape& shape) {
  const std::int64_t rows = count(shape.rows), columns = count(shape.columns);
  const std::int64_t x_size = shape.width * shape.channels, y_size = columns * shape.channels;
  const std::int64_t factor = rows / shape.height, work = 2 * factor * y_size;
  parallel_rows(
      shape.batch * shape.height, work, kLightGrain, [&](std::int64_t begin, std::int64_t end) {
        std::fill(dx + begin * x_size, dx + end * x_size, 0.0f);
        for (std::int64_t i = begin; i < end; ++i) {
          const std::int64_t row = i % shape.height;
          const float* image = dy + i / shape.height * rows * y_size;
          // rows farther away have no share
          const std::int64_t last = std::min(rows, (row + 2) * factor);
          for (std::int64_t j = std::max<std::int64_t>(0, (row - 1) * factor); j < last; ++j) {
            const float weight = weight_in(shape.rows[static_cast<std::size_t>(j)], row);
            if (weight == 0) continue;
            HWY_DYNAMIC_DISPATCH(add_row)(dx + i * x_size, image + j * y_size, weight, shape);
          }
        }
      });
}

}  // namespace banach::cpu
#endif
