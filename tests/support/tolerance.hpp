#pragma once

#include <banach/core/array.hpp>

namespace banach::testing {

/// The one table of tolerances, relative to the largest value compared (at least 1).
struct Tolerance {
  static constexpr double kFloat32 = 1e-5;         // one op, cpu against reference
  static constexpr double kFloat32Keras = 1e-5;    // losses against Keras, relative
  static constexpr double kFloat32Update = 1e-4;   // weights: |difference| over |total update|
  static constexpr double kFloat64 = 1e-9;         // double against double
  static constexpr double kFloat64Rounded = 1e-7;  // where Keras rounds a constant to float32
  // sums of positive products, both factors of which were cut to 10 bits: 2 * 2^-10
  static constexpr double kTensorFloat32 = 2e-3;
  // two roundings before an exponential of |x| <= 8, the worst of the cases: 2 * 8 * 2^-9
  static constexpr double kBfloat16 = 3.2e-2;
  static constexpr double kFloat16 = 4e-3;   // the same of float16: 2 * 8 * 2^-12
  static constexpr double kGradient = 1e-6;  // against central differences in double
};

/// Largest |a - b| over max(1, largest |b|); infinite when the shapes differ, or where one
/// of the two alone is NaN.
double relative_difference(const Array& a, const Array& b);

/// |a - b| over |b|, Euclidean norms.
double norm_difference(const Array& a, const Array& b);

}  // namespace banach::testing
