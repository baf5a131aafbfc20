#include <banach/backend/cpu/layer_norm.hpp>
#include <banach/backend/cpu/slices.hpp>
#include <banach/core/simd_targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/layer_norm.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/simd-inl.hpp>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

// 0 where a part of a vector has ended.
HWY_INLINE Floats inside(Whole, Floats v) { return v; }
HWY_INLINE Floats inside(Part part, Floats v) {
  return hn::IfThenElseZero(hn::FirstN(Tag(), static_cast<std::size_t>(part.count)), v);
}

/// The sum of term(access, column) over a row.
template <class Term>
HWY_INLINE float row_sum(std::int64_t columns, const Term& term) {
  Floats sum = hn::Zero(Tag());
  for_each_vector(columns, [&](auto access, std::int64_t c)
                               HWY_ATTR { sum = hn::Add(sum, inside(access, term(access, c))); });
  return hn::GetLane(hn::SumOfLanes(Tag(), sum));
}

void norm_rows(float* y, float* mean, float* rstd, const float* x, const float* gamma,
               const float* beta, std::int64_t begin, std::int64_t end, std::int64_t columns,
               double epsilon) {
  const auto count = static_cast<float>(columns);
  for (std::int64_t row = begin; row < end; ++row) {
    const float* from = x + row * columns;
    float* to = y + row * columns;
    mean[row] = row_sum(columns, [=](auto access, std::int64_t c)
                                     HWY_ATTR { return access.load(from + c); }) /
                count;
    const Floats center = all(mean[row]);
    const float squares = row_sum(columns, [=](auto access, std::int64_t c) HWY_ATTR {
      const Floats difference = hn::Sub(access.load(from + c), center);
      return hn::Mul(difference, difference);
    });
    rstd[row] = static_cast<float>(1 / std::sqrt(squares / count + epsilon));
    const Floats scale = all(rstd[row]);
    for_each_vector(columns, [=](auto access, std::int64_t c) HWY_ATTR {
      const Floats xhat = hn::Mul(hn::Sub(access.load(from + c), center), scale);
      access.store(hn::MulAdd(xhat, access.load(gamma + c), access.load(beta + c)), to + c);
    });
  }
}

// sums (2, columns): dgamma and dbeta of these rows.
void norm_grad_rows(float* dx, float* sums, const float* dy, const float* x, const float* gamma,
                    const float* mean, const float* rstd, std::int64_t begin, std::int64_t end,
                    std::int64_t columns) {
  float *dgamma = sums, *dbeta = sums + columns;
  std::fill(sums, sums + 2 * columns, 0.0f);
  for (std::int64_t row = begin; row < end; ++row) {
    const float *from = x + row * columns, *gradient = dy + row * columns;
    float* to = dx + row * columns;
    const Floats center = all(mean[row]), scale = all(rstd[row]);
    Floats sum_g = hn::Zero(Tag()), sum_gx = hn::Zero(Tag());
    for_each_vector(columns, [&](auto access, std::int64_t c) HWY_ATTR {
      const Floats d = access.load(gradient + c);
      const Floats xhat = hn::Mul(hn::Sub(access.load(from + c), center), scale);
      const Floats g = hn::Mul(d, access.load(gamma + c));  // 0 where a part has ended
      sum_g = hn::Add(sum_g, g);
      sum_gx = hn::MulAdd(g, xhat, sum_gx);
      access.store(hn::MulAdd(d, xhat, access.load(dgamma + c)), dgamma + c);
      access.store(hn::Add(d, access.load(dbeta + c)), dbeta + c);
    });
    const auto count = static_cast<float>(columns);
    const Floats mean_g = all(hn::GetLane(hn::SumOfLanes(Tag(), sum_g)) / count);
    const Floats mean_gx = all(hn::GetLane(hn::SumOfLanes(Tag(), sum_gx)) / count);
    for_each_vector(columns, [=](auto access, std::int64_t c) HWY_ATTR {
      const Floats xhat = hn::Mul(hn::Sub(access.load(from + c), center), scale);
      const Floats g = hn::Mul(access.load(gradient + c), access.load(gamma + c));
      const Floats inner = hn::NegMulAdd(xhat, mean_gx, hn::Sub(g, mean_g));
      access.store(hn::Mul(scale, inner), to + c);
    });
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(norm_rows);
HWY_EXPORT(norm_grad_rows);

void layer_norm(float* y, float* mean, float* rstd, const float* x, const float* gamma,
                const float* beta, std::int64_t rows, std::int64_t columns, double epsilon) {
  parallel_rows(rows, columns, kGrain, [=](std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(norm_rows)
    (y, mean, rstd, x, gamma, beta, begin, end, columns, epsilon);
  });
}

std::size_t layer_norm_grad_scratch_bytes(std::int64_t rows, std::int64_t columns) {
  return Slices(rows, 2 * columns).scratch_bytes() +
         static_cast<std::size_t>(2 * columns) * sizeof(float);
}

// dx = rstd (g - mean(g) - xhat mean(g xhat)) with g = dy gamma   (Ba et al. 2016)
void layer_norm_grad(float* dx, float* dgamma, float* dbeta, const float* dy, const float* x,
                     const float* gamma, const float* mean, const float* rstd, std::int64_t rows,
                     std::int64_t columns, std::byte* scratch) {
  const Slices slices(rows, 2 * columns);
  auto* totals = reinterpret_cast<float*>(scratch + slices.scratch_bytes());  // (2, columns)
  slices.run(totals, scratch, kGrain, [=](float* sums, std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(norm_grad_rows)
    (dx, sums, dy, x, gamma, mean, rstd, begin, end, columns);
  });
  std::copy_n(totals, columns, dgamma);
  std::copy_n(totals + columns, columns, dbeta);
}

}  // namespace banach::cpu
#endif
