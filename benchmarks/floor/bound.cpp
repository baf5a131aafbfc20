#include <banach/backend/cpu/gemm_amx.hpp>
#include <benchmarks/floor/bound.hpp>
#include <benchmarks/floor/kit.hpp>
#include <benchmarks/measure.hpp>

#include <algorithm>
#include <map>

namespace banach::bench {
namespace {

constexpr int kChains = 12, kSteps = 20000;  // enough that no addition waits for another

// Runs kSteps of add(sums) on each thread; operations a second when one adds `flops`.
template <class Add>
double rate(int threads, double flops, const Add& add) {
  const auto run = [&] {
#pragma omp parallel num_threads(threads)
    {
      Lanes sums[kChains]{};
      for (Lanes& sum : sums) asm volatile("" : "+x"(sum));  // not the same, so none is left out
      for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
        for (Lanes& sum : sums) add(sum);
      }
      for (Lanes& sum : sums) asm volatile("" : : "x"(sum));
    }
  };
  return flops * kChains * kSteps * threads / measure(run, 5, 20).fastest * 1e3;
}

#ifdef __AMX_BF16__
// The same for tiles of 16 rows of 64 bytes: four sums, and two factors.
double rate_of_tiles(int threads) {
  const auto run = [&] {
#pragma omp parallel num_threads(threads)
    {
      const cpu::AmxScope shapes;
      for (int step = 0; step < kSteps; ++step) {
        _tile_dpbf16ps(0, 4, 5);
        _tile_dpbf16ps(1, 4, 5);
        _tile_dpbf16ps(2, 4, 5);
        _tile_dpbf16ps(3, 4, 5);
      }
    }
  };
  const double flops = 4.0 * 2 * 16 * 16 * 32;
  return flops * kSteps * threads / measure(run, 5, 20).fastest * 1e3;
}
#endif

}  // namespace

double peak_flops(int threads) {
  static std::map<int, double> known;
  if (const auto found = known.find(threads); found != known.end()) return found->second;
  Lanes x = Lanes{} + 0.5F, y = Lanes{} + 1e-3F;
  asm volatile("" : "+x"(x), "+x"(y));  // not constants
  return known[threads] = rate(threads, 2 * kLanes, [&](Lanes& sum) { sum = sum * x + y; });
}

double peak_bfloat16_flops(int threads) {
  static std::map<int, double> known;
  const auto [found, is_new] = known.try_emplace(threads, peak_flops(threads));
  if (!is_new) return found->second;
#ifdef __AVX512BF16__
  __m512bh x{}, y{};
  asm volatile("" : "+x"(x), "+x"(y));
  const double on_vectors = rate(threads, 4 * kLanes, [&](Lanes& sum) {
    sum = std::bit_cast<Lanes>(_mm512_dpbf16_ps(std::bit_cast<__m512>(sum), x, y));
  });
  found->second = std::max(found->second, on_vectors);
#endif
#ifdef __AMX_BF16__
  if (cpu::has_amx()) found->second = std::max(found->second, rate_of_tiles(threads));
#endif
  return found->second;
}

double seconds_to_move(double bytes) {
  struct Arrays {
    explicit Arrays(std::int64_t size) : a(size), b(size) {}
    Memory<> a, b;
    double fastest = 0;  // bytes a second
  };
  static std::map<std::int64_t, Arrays> known;
  const std::int64_t size = static_cast<std::int64_t>(bytes / 8) / kLanes * kLanes + kLanes;
  Arrays& arrays = known.try_emplace(size, size).first->second;
  const auto add = [size, a = arrays.a + 0, b = arrays.b + 0] {
#pragma omp parallel for
    for (std::int64_t i = 0; i < size; i += kLanes) store(a + i, load(a + i) + load(b + i));
  };
  const double moved = 12.0 * static_cast<double>(size);  // a is read and written
  arrays.fastest = std::max(arrays.fastest, moved / measure(add, 5, 20).fastest * 1e3);
  return bytes / arrays.fastest;
}

}  // namespace banach::bench
