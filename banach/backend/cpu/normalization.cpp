#include <banach/backend/cpu/normalization.hpp>
#include <banach/backend/cpu/reduce.hpp>
#include <banach/backend/cpu/slices.hpp>
#include <banach/core/simd_targets.hpp>

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/normalization.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/column_sums-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

void sum_squares(float* sums, const float* x, const float* mean, std::int64_t row_begin,
                 std::int64_t row_end, std::int64_t channels) {
  sum_rows(sums, row_begin, row_end, channels,
           [=](auto access, std::int64_t i, std::int64_t channel) HWY_ATTR {
             const Floats difference = hn::Sub(access.load(x + i), access.load(mean + channel));
             return hn::Mul(difference, difference);
           });
}

void sum_products(float* sums, const float* dy, const float* x, const float* mean,
                  std::int64_t row_begin, std::int64_t row_end, std::int64_t channels) {
  sum_rows(sums, row_begin, row_end, channels,
           [=](auto access, std::int64_t i, std::int64_t channel) HWY_ATTR {
             const Floats difference = hn::Sub(access.load(x + i), access.load(mean + channel));
             return hn::Mul(access.load(dy + i), difference);
           });
}

/// y = (x - mean) scale + beta
void normalize_rows(float* y, const float* x, const float* mean, const float* scale,
                    const float* beta, std::int64_t row_begin, std::int64_t row_end,
                    std::int64_t channels) {
  for (std::int64_t row = row_begin; row < row_end; ++row) {
    for_each_vector(channels, [=](auto access, std::int64_t c) HWY_ATTR {
      const std::int64_t i = row * channels + c;
      const Floats difference = hn::Sub(access.load(x + i), access.load(mean + c));
      access.store(hn::MulAdd(difference, access.load(scale + c), access.load(beta + c)), y + i);
    });
  }
}

/// dx = scale (dy - mean_dy - (x - mean) slope)
void grad_rows(float* dx, const float* dy, const float* x, const float* mean, const float* scale,
               const float* mean_dy, const float* slope, std::int64_t row_begin,
               std::int64_t row_end, std::int64_t channels) {
  for (std::int64_t row = row_begin; row < row_end; ++row) {
    for_each_vector(channels, [=](auto access, std::int64_t c) HWY_ATTR {
      const std::int64_t i = row * channels + c;
      const Floats difference = hn::Sub(access.load(x + i), access.load(mean + c));
      const Floats centered = hn::Sub(access.load(dy + i), access.load(mean_dy + c));
      const Floats g = hn::NegMulAdd(difference, access.load(slope + c), centered);
      access.store(hn::Mul(access.load(scale + c), g), dx + i);
    });
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(sum_squares);
HWY_EXPORT(sum_products);
HWY_EXPORT(normalize_rows);
HWY_EXPORT(grad_rows);

namespace {

// Scratch: the slices' sums, then up to three vectors of the channels.
float* channel_vector(std::byte* scratch, const Slices& slices, int index) {
  return reinterpret_cast<float*>(scratch + slices.scratch_bytes()) + index * slices.stride();
}

}  // namespace

std::size_t batch_norm_scratch_bytes(std::int64_t rows, std::int64_t channels) {
  const Slices slices(rows, channels);
  return slices.scratch_bytes() + static_cast<std::size_t>(3 * slices.stride()) * sizeof(float);
}

void batch_norm(float* y, float* mean, float* variance, const float* x, const float* gamma,
                const float* beta, std::int64_t rows, std::int64_t channels, double epsilon,
                std::byte* scratch) {
  const Slices slices(rows, channels);
  float* scale = channel_vector(scratch, slices, 0);  // (channels,)
  const auto count = static_cast<float>(rows);
  column_sums(mean, x, rows, channels, scratch);
  for (std::int64_t c = 0; c < channels; ++c) mean[c] /= count;
  slices.run(variance, scratch, kLightGrain,
             [=](float* sums, std::int64_t begin, std::int64_t end) {
               HWY_DYNAMIC_DISPATCH(sum_squares)(sums, x, mean, begin, end, channels);
             });
  for (std::int64_t c = 0; c < channels; ++c) {
    variance[c] /= count;
    scale[c] = static_cast<float>(gamma[c] / std::sqrt(variance[c] + epsilon));
  }
  parallel_rows(rows, channels, kLightGrain, [=](std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(normalize_rows)(y, x, mean, scale, beta, begin, end, channels);
  });
}

// With xhat = (x - mean) / s: dbeta = sum dy, dgamma = sum dy xhat,
// dx = gamma / s (dy - mean(dy) - xhat mean(dy xhat))   (Ioffe & Szegedy 2015, section 3)
void batch_norm_grad(float* dx, float* dgamma, float* dbeta, const float* dy, const float* x,
                     const float* gamma, const float* mean, const float* variance,
                     std::int64_t rows, std::int64_t channels, double epsilon, std::byte* scratch) {
  const Slices slices(rows, channels);
  float* scale = channel_vector(scratch, slices, 0);    // (channels,) gamma / s
  float* mean_dy = channel_vector(scratch, slices, 1);  // (channels,)
  float* slope = channel_vector(scratch, slices, 2);    // (channels,) mean(dy xhat) / s
  column_sums(dbeta, dy, rows, channels, scratch);
  slices.run(dgamma, scratch, kLightGrain, [=](float* sums, std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(sum_products)(sums, dy, x, mean, begin, end, channels);
  });
  for (std::int64_t c = 0; c < channels; ++c) {
    const double inverse = 1 / std::sqrt(variance[c] + epsilon);
    const double sum_dy_xhat = dgamma[c] * inverse;
    dgamma[c] = static_cast<float>(sum_dy_xhat);
    scale[c] = static_cast<float>(gamma[c] * inverse);
    mean_dy[c] = dbeta[c] / static_cast<float>(rows);
    slope[c] = static_cast<float>(sum_dy_xhat * inverse / static_cast<double>(rows));
  }
  parallel_rows(rows, channels, kLightGrain, [=](std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(grad_rows)
    (dx, dy, x, mean, scale, mean_dy, slope, begin, end, channels);
  });
}

}  // namespace banach::cpu
#endif
