#include <banach/backend/cpu/slices.hpp>
#include <banach/backend/cpu/softmax.hpp>
#include <banach/core/simd_targets.hpp>
#include <banach/ops/labels.hpp>

#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/softmax.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/exponential-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

HWY_INLINE float sum_of(Floats v) { return hn::GetLane(hn::SumOfLanes(Tag(), v)); }

// The lanes that exist, or `other`.
HWY_INLINE Floats existing(Whole, Floats v, Floats) { return v; }
HWY_INLINE Floats existing(Part part, Floats v, Floats other) {
  const auto inside = hn::FirstN(Tag(), static_cast<std::size_t>(part.count));
  return hn::IfThenElse(inside, v, other);
}

// Four maxima side by side, so that none waits for the one before.
float largest(const float* x, std::int64_t n) {
  const Floats lowest = all(-std::numeric_limits<float>::infinity());
  const std::int64_t lanes = num_lanes();
  Floats m0 = lowest, m1 = lowest, m2 = lowest, m3 = lowest;
  std::int64_t done = 0;
  for (; done + 4 * lanes <= n; done += 4 * lanes) {
    m0 = hn::Max(m0, Whole().load(x + done));
    m1 = hn::Max(m1, Whole().load(x + done + lanes));
    m2 = hn::Max(m2, Whole().load(x + done + 2 * lanes));
    m3 = hn::Max(m3, Whole().load(x + done + 3 * lanes));
  }
  for_each_vector(n - done, [&](auto access, std::int64_t i) HWY_ATTR {
    m0 = hn::Max(m0, existing(access, access.load(x + done + i), lowest));
  });
  return hn::GetLane(hn::MaxOfLanes(Tag(), hn::Max(hn::Max(m0, m1), hn::Max(m2, m3))));
}

/// y = exp(x - max); returns their sum. The vectors' arithmetic leaves room to read something else:
/// meanwhile(access, i) is called for each.
template <class Meanwhile>
HWY_INLINE float exponentials(float* y, const float* x, float max, std::int64_t n,
                              const Meanwhile& meanwhile) {
  const Tag d;
  Floats sum = hn::Zero(d);
  for_each_vector(n, [&](auto access, std::int64_t i) HWY_ATTR {
    meanwhile(access, i);
    const Floats e = exponential_of_nonpositive(hn::Sub(access.load(x + i), all(max)));
    sum = hn::Add(sum, existing(access, e, hn::Zero(d)));
    access.store(e, y + i);
  });
  return sum_of(sum);
}
float exponentials(float* y, const float* x, float max, std::int64_t n) {
  return exponentials(y, x, max, n, [](auto, std::int64_t) {});
}

void copy_scaled(float* to, const float* from, float factor, std::int64_t n) {
  for_each_vector(n, [=](auto access, std::int64_t i) HWY_ATTR {
    access.store(hn::Mul(access.load(from + i), all(factor)), to + i);
  });
}

constexpr std::int64_t kBufferedColumns = 4096;

// The exponentials of a row do not wait for memory: meanwhile the row before is written, and the
// largest value of the next one found. What goes around the caches is written once: its
// exponentials wait in a buffer.
void softmax_rows(float* y, const float* x, std::int64_t rows, std::int64_t n, bool streamed) {
  if (rows <= 0) return;
  HWY_ALIGN float buffers[2][kBufferedColumns];
  const bool buffered = streamed && n <= kBufferedColumns;
  const Floats lowest = all(-std::numeric_limits<float>::infinity());
  float max = largest(x, n), factor = 0;
  const float* powers_before = nullptr;
  for (std::int64_t row = 0; row < rows; ++row, x += n, y += n) {
    float* powers = buffered ? buffers[row % 2] : y;
    const float* next = row + 1 < rows ? x + n : x;
    Floats next_max = lowest;
    const float sum = exponentials(powers, x, max, n, [&](auto access, std::int64_t i) HWY_ATTR {
      if (streamed) fetch_ahead(next + i);
      next_max = hn::Max(next_max, existing(access, access.load(next + i), lowest));
      if (powers_before == nullptr) return;
      const Floats done = hn::Mul(access.load(powers_before + i), all(factor));
      // buffered ones are whole vectors
      buffered ? hn::Stream(done, Tag(), y - n + i) : access.store(done, y - n + i);
    });
    powers_before = powers;
    factor = 1 / sum;
    max = hn::GetLane(hn::MaxOfLanes(Tag(), next_max));
  }
  copy_scaled(y - n, powers_before, factor, n);
  flush(streamed);
}

void softmax_grad_row(float* dx, const float* dy, const float* y, std::int64_t n) {
  Floats sum = hn::Zero(Tag());
  for_each_vector(n, [&](auto access, std::int64_t i) HWY_ATTR {
    sum = hn::MulAdd(access.load(dy + i), access.load(y + i), sum);
  });
  const Floats dot = all(sum_of(sum));
  for_each_vector(n, [=](auto access, std::int64_t i) HWY_ATTR {
    const Floats difference = hn::Sub(access.load(dy + i), dot);
    access.store(hn::Mul(access.load(y + i), difference), dx + i);
  });
}

/// Sum of targets, and of targets * (x - max), in which a target of 0 makes even infinity 0.
void sum_targets(float& total, float& dot, const float* targets, const float* x, float max,
                 std::int64_t n) {
  Floats totals = hn::Zero(Tag()), dots = hn::Zero(Tag());
  for_each_vector(n, [&](auto access, std::int64_t i) HWY_ATTR {
    const Floats t = access.load(targets + i);
    const Floats term = hn::Mul(t, hn::Sub(access.load(x + i), all(max)));
    totals = hn::Add(totals, t);
    dots = hn::Add(dots, hn::IfThenZeroElse(hn::Eq(t, all(0)), term));
  });
  total = sum_of(totals);
  dot = sum_of(dots);
}

/// sum(targets (log sum exp(x) - x)), and y = softmax(x).
float crossentropy_row(float* y, const float* x, const float* targets, std::int64_t n) {
  const float max = largest(x, n);
  float total, dot;
  sum_targets(total, dot, targets, x, max, n);
  const float sum = exponentials(y, x, max, n);
  copy_scaled(y, y, 1 / sum, n);
  return total * std::log(sum) - dot;
}

/// `x_label` is x[label], read before y takes the place of x.
float sparse_crossentropy_row(float* y, const float* x, float x_label, std::int64_t n) {
  const float max = largest(x, n);
  const float sum = exponentials(y, x, max, n);
  copy_scaled(y, y, 1 / sum, n);
  return std::log(sum) - (x_label - max);
}

void crossentropy_grad_row(float* dx, float dloss, const float* y, const float* targets,
                           std::int64_t n) {
  Floats totals = hn::Zero(Tag());
  for_each_vector(n, [&](auto access, std::int64_t i)
                         HWY_ATTR { totals = hn::Add(totals, access.load(targets + i)); });
  const Floats total = all(sum_of(totals));
  for_each_vector(n, [=](auto access, std::int64_t i) HWY_ATTR {
    const Floats difference = hn::MulSub(total, access.load(y + i), access.load(targets + i));
    access.store(hn::Mul(all(dloss), difference), dx + i);
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(softmax_rows);
HWY_EXPORT(softmax_grad_row);
HWY_EXPORT(crossentropy_row);
HWY_EXPORT(sparse_crossentropy_row);
HWY_EXPORT(crossentropy_grad_row);
HWY_EXPORT(copy_scaled);

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

constexpr std::int64_t kRowGrain = kGrain / 4;

/// Calls body(row, offset of the row) in parallel.
template <class Body>
void for_each_row(std::int64_t rows, std::int64_t columns, const Body& body) {
  parallel_rows(rows, columns, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) body(row, row * columns);
  });
}

std::int64_t first_largest(const float* x, std::int64_t columns) {
  return std::max_element(x, x + columns) - x;
}

float match_row(const float* targets, const float* predictions, std::int64_t columns) {
  return first_largest(targets, columns) == first_largest(predictions, columns) ? 1 : 0;
}

float sparse_match_row(float label, const float* predictions, std::int64_t columns) {
  return first_largest(predictions, columns) == class_of(label, columns) ? 1 : 0;
}

}  // namespace

void softmax(float* y, const float* x, std::int64_t rows, std::int64_t columns) {
  const bool streamed = is_streamed(y, x, rows, columns);
  parallel_rows(rows, columns, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(softmax_rows)
    (y + begin * columns, x + begin * columns, end - begin, columns, streamed);
  });
}

void softmax_grad(float* dx, const float* dy, const float* y, std::int64_t rows,
                  std::int64_t columns) {
  for_each_row(rows, columns, [&](std::int64_t, std::int64_t at) {
    HWY_DYNAMIC_DISPATCH(softmax_grad_row)(dx + at, dy + at, y + at, columns);
  });
}

void softmax_crossentropy(float* loss, float* probabilities, float* match, const float* logits,
                          const float* targets, std::int64_t rows, std::int64_t columns) {
  for_each_row(rows, columns, [&](std::int64_t row, std::int64_t at) {
    loss[row] = HWY_DYNAMIC_DISPATCH(crossentropy_row)(probabilities + at, logits + at,
                                                       targets + at, columns);
    if (match != nullptr) match[row] = match_row(targets + at, probabilities + at, columns);
  });
}

void sparse_softmax_crossentropy(float* loss, float* probabilities, float* match,
                                 const float* logits, const float* labels, std::int64_t rows,
                                 std::int64_t columns) {
  for_each_row(rows, columns, [&](std::int64_t row, std::int64_t at) {
    const std::int64_t label = class_of(labels[row], columns);
    const float logit = label < 0 ? kNan : logits[at + label];
    loss[row] = HWY_DYNAMIC_DISPATCH(sparse_crossentropy_row)(probabilities + at, logits + at,
                                                              logit, columns);
    if (match != nullptr) match[row] = sparse_match_row(labels[row], probabilities + at, columns);
  });
}

void softmax_crossentropy_grad(float* dlogits, const float* dloss, const float* probabilities,
                               const float* targets, std::int64_t rows, std::int64_t columns) {
  for_each_row(rows, columns, [&](std::int64_t row, std::int64_t at) {
    HWY_DYNAMIC_DISPATCH(crossentropy_grad_row)
    (dlogits + at, dloss[row], probabilities + at, targets + at, columns);
  });
}

void sparse_softmax_crossentropy_grad(float* dlogits, const float* dloss,
                                      const float* probabilities, const float* labels,
                                      std::int64_t rows, std::int64_t columns) {
  for_each_row(rows, columns, [&](std::int64_t row, std::int64_t at) {
    const std::int64_t label = class_of(labels[row], columns);
    const float scale = label < 0 ? kNan : dloss[row];
    const float at_label = label < 0 ? kNan : scale * (probabilities[at + label] - 1);
    HWY_DYNAMIC_DISPATCH(copy_scaled)(dlogits + at, probabilities + at, scale, columns);
    if (label >= 0) dlogits[at + label] = at_label;
  });
}

void categorical_match(float* match, const float* targets, const float* predictions,
                       std::int64_t rows, std::int64_t columns) {
  for_each_row(rows, columns, [&](std::int64_t row, std::int64_t at) {
    match[row] = match_row(targets + at, predictions + at, columns);
  });
}

void sparse_categorical_match(float* match, const float* labels, const float* predictions,
                              std::int64_t rows, std::int64_t columns) {
  for_each_row(rows, columns, [&](std::int64_t row, std::int64_t at) {
    match[row] = sparse_match_row(labels[row], predictions + at, columns);
  });
}

}  // namespace banach::cpu
#endif
