#pragma once

#include <cstdint>

namespace banach::cpu {

// Kernels of ops/softmax.hpp on (rows, columns) matrices, one class a column. Labels are class
// numbers as floats (ops/labels.hpp); what is not the number of a class makes loss and gradient
// NaN.

/// y may be x.
void softmax(float* y, const float* x, std::int64_t rows, std::int64_t columns);
/// dx may be dy.
void softmax_grad(float* dx, const float* dy, const float* y, std::int64_t rows,
                  std::int64_t columns);

/// loss (rows,), probabilities (rows, columns), which may be logits, match (rows,) as
/// categorical_match gives it, or null; targets (rows, columns).
void softmax_crossentropy(float* loss, float* probabilities, float* match, const float* logits,
                          const float* targets, std::int64_t rows, std::int64_t columns);
/// labels (rows,)
void sparse_softmax_crossentropy(float* loss, float* probabilities, float* match,
                                 const float* logits, const float* labels, std::int64_t rows,
                                 std::int64_t columns);
/// dlogits may be probabilities.
void softmax_crossentropy_grad(float* dlogits, const float* dloss, const float* probabilities,
                               const float* targets, std::int64_t rows, std::int64_t columns);
void sparse_softmax_crossentropy_grad(float* dlogits, const float* dloss,
                                      const float* probabilities, const float* labels,
                                      std::int64_t rows, std::int64_t columns);

/// match (rows,): 1 where the first maxima of targets and predictions agree, else 0.
void categorical_match(float* match, const float* targets, const float* predictions,
                       std::int64_t rows, std::int64_t columns);
void sparse_categorical_match(float* match, const float* labels, const float* predictions,
                              std::int64_t rows, std::int64_t columns);

}  // namespace banach::cpu
