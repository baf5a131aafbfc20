#pragma once

#include <cstdint>
#include <functional>

namespace banach::bench {

/// Floats that fill one register.
#ifdef __AVX512F__
using Floats = float __attribute__((vector_size(64)));
#else
using Floats = float __attribute__((vector_size(32)));
#endif
constexpr std::int64_t kFloats = sizeof(Floats) / sizeof(float);

/// A loop that computes in registers and does nothing else: something `per_step` times a step, on
/// each thread.
struct Loop {
  double per_step;
  std::function<void(int threads, std::int64_t steps)> run;
};

constexpr std::int64_t kFewSteps = 20'000;  ///< beside which starting the threads is nothing

/// How often a second all threads do what `loop` does.
double rate(const Loop& loop, int threads);

Loop multiply_add();                      ///< multiplications and additions of float32
Loop multiply_add_bfloat16(int threads);  ///< those of products, by the fastest way there is
/// e^x, added to a sum as softmax does: the remainder by two parts of ln 2, a polynomial of degree
/// 7 and the power of two; no limits.
Loop exponentials();
Loop random_bits();  ///< numbers of 16 bits from Philox 4x32-10

}  // namespace banach::bench
