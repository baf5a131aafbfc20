#pragma once

#include <banach/core/philox.hpp>

#include <cstdint>

namespace banach {

// Kernels of random numbers, on vectors. Their bits are the same on every instruction set: no
// product is fused with a sum (-ffp-contract=off), and logarithms are our own.

/// low + (high - low) u of the numbers u in (0, 1) at positions first, first + 1, ... of a stream.
void uniform_numbers(double* out, std::int64_t size, const Philox::Key& key, std::int64_t first,
                     double low, double high);

/// offset + scale * x of the x where a normal distribution reaches a probability in (0, 1), by
/// Wichura's algorithm AS 241 (1988): to the 7 digits of float32, or to 16.
void normal_quantiles(float* out, const double* probabilities, std::int64_t size, double offset = 0,
                      double scale = 1);
void normal_quantiles(double* out, const double* probabilities, std::int64_t size,
                      double offset = 0, double scale = 1);

}  // namespace banach
