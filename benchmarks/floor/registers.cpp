#include <banach/backend/cpu/gemm_amx.hpp>
#include <benchmarks/floor/registers.hpp>
#include <benchmarks/measure.hpp>

#include <array>
#include <bit>
#include <utility>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace banach::bench {
namespace {

using Words = std::uint32_t __attribute__((vector_size(sizeof(Floats))));
using Longs = std::uint64_t __attribute__((vector_size(sizeof(Floats))));

// The four words of Philox blocks, in the low halves of lanes.
struct Blocks {
  Longs w0, w1, w2, w3;
};

#ifdef __AVX512F__
constexpr bool kManyRegisters = true;  // 32 of them
#else
constexpr bool kManyRegisters = false;
#endif

// Makes the compiler believe that a register, or something in memory, has changed: it leaves
// nothing out and takes no two for the same.
template <class T>
void hide(T& v) {
  asm volatile("" : "+v"(v));
}
template <class T>
void hide_memory(T& v) {
  asm volatile("" : "+m"(v));
}

// Does `steps` of step(state) for each of kChains states on each thread: enough of them that no
// step waits for another.
template <class State, int kChains, class Step>
void run_chains(int threads, std::int64_t steps, const Step& step) {
#pragma omp parallel num_threads(threads)
  {
    std::array<State, kChains> memory{};
    hide_memory(memory);
    std::array<State, kChains> states = memory;  // in registers
    for (std::int64_t i = 0; i < steps; ++i) {
#pragma GCC unroll 12
      for (State& state : states) step(state);
    }
    memory = states;
    hide_memory(memory);
  }
}

#ifdef __AVX512BF16__
Loop multiply_add_vectors_of_bfloat16() {
  constexpr int kChains = 12;
  return {4.0 * kFloats * kChains, [](int threads, std::int64_t steps) {
            Floats a{}, b{};
            hide(a);
            hide(b);
            const auto x = std::bit_cast<__m512bh>(a), y = std::bit_cast<__m512bh>(b);
            run_chains<Floats, kChains>(threads, steps, [&](Floats& sum) {
              sum = std::bit_cast<Floats>(_mm512_dpbf16_ps(std::bit_cast<__m512>(sum), x, y));
            });
          }};
}
#endif

#ifdef __AMX_BF16__
// Tiles of 16 rows of 64 bytes: four sums, and two factors.
Loop multiply_add_tiles() {
  return {4.0 * 2 * 16 * 16 * 32, [](int threads, std::int64_t steps) {
#pragma omp parallel num_threads(threads)
            {
              const cpu::AmxScope shapes;
              for (std::int64_t i = 0; i < steps; ++i) {
                _tile_dpbf16ps(0, 4, 5);
                _tile_dpbf16ps(1, 4, 5);
                _tile_dpbf16ps(2, 4, 5);
                _tile_dpbf16ps(3, 4, 5);
              }
            }
          }};
}
#endif

// Products of the low halves.
Longs products(Longs a, Longs b) {
#if defined(__AVX512F__)
  return std::bit_cast<Longs>(
      _mm512_mul_epu32(std::bit_cast<__m512i>(a), std::bit_cast<__m512i>(b)));
#elif defined(__AVX2__)
  return std::bit_cast<Longs>(
      _mm256_mul_epu32(std::bit_cast<__m256i>(a), std::bit_cast<__m256i>(b)));
#else
  return (a & 0xFFFFFFFF) * (b & 0xFFFFFFFF);
#endif
}

// The upper half of each, in the lower: by a shuffle, which runs beside the multiplications where a
// shift would wait for them.
Longs upper_halves(Longs v) {
#ifdef __clang__  // has no such function, and finds the shuffle by itself
  return v >> 32;
#else
  Words odd{};
  for (std::uint32_t i = 0; i < kFloats; ++i) odd[i] = i | 1;
  return std::bit_cast<Longs>(__builtin_shuffle(std::bit_cast<Words>(v), odd));
#endif
}

}  // namespace

double rate(const Loop& loop, int threads) {
  const Timing timing = measure([&] { loop.run(threads, kFewSteps); }, 5, 20);
  return loop.per_step * static_cast<double>(kFewSteps) * threads / timing.fastest * 1e3;
}

Loop multiply_add() {
  constexpr int kChains = kManyRegisters ? 12 : 10;
  return {2.0 * kFloats * kChains, [](int threads, std::int64_t steps) {
            Floats x = Floats{} + 0.5F, y = Floats{} + 1e-3F;
            hide(x);
            hide(y);
            run_chains<Floats, kChains>(threads, steps, [&](Floats& sum) { sum = sum * x + y; });
          }};
}

Loop multiply_add_bfloat16(int threads) {
  Loop best = multiply_add();
  [[maybe_unused]] const auto consider = [&](Loop loop) {
    if (rate(loop, threads) > rate(best, threads)) best = std::move(loop);
  };
#ifdef __AVX512BF16__
  consider(multiply_add_vectors_of_bfloat16());
#endif
#ifdef __AMX_BF16__
  if (cpu::has_amx()) consider(multiply_add_tiles());
#endif
  return best;
}

Loop exponentials() {
  constexpr int kSide = kManyRegisters ? 4 : 2;
  struct Sums {
    Floats v[kSide];
  };
  return {double{kFloats} * kSide, [](int threads, std::int64_t steps) {
            const auto add = [](Sums& sums) {
              Floats x[kSide], n[kSide], p[kSide];
              const auto each = [](auto body) {
#pragma GCC unroll 4
                for (int k = 0; k < kSide; ++k) body(k);
              };
              each([&](int k) {
                x[k] = Floats{} - 1.0F;
                hide(x[k]);
              });
              each([&](int k) { p[k] = x[k] * 1.44269504F + 12583039.0F; });
              each([&](int k) { n[k] = p[k] - 12583039.0F; });
              each([&](int k) { x[k] = x[k] - n[k] * 0.693145751953125F; });
              each([&](int k) { x[k] = x[k] - n[k] * 1.428606765e-6F; });
              each([&](int k) { n[k] = std::bit_cast<Floats>(std::bit_cast<Words>(p[k]) << 23); });
              each([&](int k) { p[k] = x[k] * 1.9852762e-4F + 1.3930436e-3F; });
              for (const float c : {8.333361e-3F, 4.1666485e-2F, 1.6666667e-1F, 0.5F}) {
                each([&](int k) { p[k] = p[k] * x[k] + c; });
              }
              each([&](int k) { p[k] = p[k] * (x[k] * x[k]) + x[k]; });
              each([&](int k) { sums.v[k] = sums.v[k] + (p[k] * n[k] + n[k]); });
            };
            run_chains<Sums, 1>(threads, steps, add);
          }};
}

// A step is a round of as many blocks as there are lanes of 64 bits, of which each makes eight
// numbers in ten rounds.
Loop random_bits() {
  constexpr int kChains = kManyRegisters ? 4 : 3;
  return {kFloats / 2 * 8 / 10.0 * kChains, [](int threads, std::int64_t steps) {
            Longs m0 = Longs{} + 0xD2511F53, m1 = Longs{} + 0xCD9E8D57, k = Longs{} + 0x9E3779B9;
            hide(m0);
            hide(m1);
            hide(k);
            run_chains<Blocks, kChains>(threads, steps, [&](Blocks& b) {
              const Longs p0 = products(b.w0, m0), p1 = products(b.w2, m1);
              b = {upper_halves(p1) ^ b.w1 ^ k, p1, upper_halves(p0) ^ b.w3 ^ k, p0};
            });
          }};
}

}  // namespace banach::bench
