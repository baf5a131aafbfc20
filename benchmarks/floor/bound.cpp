#include <benchmarks/floor/bound.hpp>
#include <benchmarks/floor/kit.hpp>
#include <benchmarks/floor/registers.hpp>
#include <benchmarks/measure.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>

#ifdef __AVX__
#include <immintrin.h>
#endif

namespace banach::bench {
namespace {

double seconds_of(const std::function<void()>& run) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  run();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

using Arrays = std::array<float*, 2>;

void store_around(float* to, Lanes value) {
#if defined(__AVX512F__)
  _mm512_stream_ps(to, std::bit_cast<__m512>(value));
#elif defined(__AVX__)
  const auto halves = std::bit_cast<std::array<__m256, 2>>(value);
  _mm256_stream_ps(to, halves[0]);
  _mm256_stream_ps(to + 8, halves[1]);
#else
  store(to, value);
#endif
}

// Reads kReads arrays and writes their sum to kWrites.
template <int kReads, int kWrites, bool kAround, bool kAhead>
void move(const Arrays& from, const Arrays& to, std::int64_t size) {
  constexpr std::int64_t kPage = 1024;
#pragma omp parallel for
  for (std::int64_t i = 0; i < size; i += kLanes) {
    Lanes sum{};
    for (int k = 0; k < kReads; ++k) {
      if (kAhead) __builtin_prefetch(from[k] + i + kPage);
      sum = k == 0 ? load(from[k] + i) : sum + load(from[k] + i);
    }
    if (kWrites == 0) asm volatile("" : "+v"(sum));  // else nothing would be read
    for (int k = 0; k < kWrites; ++k) {
      kAround ? store_around(to[k] + i, sum) : store(to[k] + i, sum);
    }
  }
}

using Move = void (*)(const Arrays& from, const Arrays& to, std::int64_t size);

// The ways to read so many arrays and to write so many.
struct Moves {
  int reads, writes;
  bool in_place;
  std::vector<Move> ways;
};

template <int kReads, int kWrites>
Moves apart() {
  return {kReads,
          kWrites,
          false,
          {move<kReads, kWrites, false, false>, move<kReads, kWrites, false, true>,
           move<kReads, kWrites, true, false>, move<kReads, kWrites, true, true>}};
}

// Those that come closest to the share of what is read.
Moves moves_like(const Work& work) {
  if (work.in_place) return {2, 1, true, {move<2, 1, false, false>, move<2, 1, false, true>}};
  const double ratio = work.read / std::max(1.0, work.written);
  if (ratio > 4) return apart<2, 0>();
  if (ratio > 1.5) return apart<2, 1>();
  return ratio > 0.75 ? apart<1, 1>() : apart<1, 2>();
}

// By turns, since others use the machine.
template <class Seconds>
Move fastest_of(const std::vector<Move>& ways, const Seconds& seconds) {
  std::vector<std::vector<double>> times(ways.size());
  for (int turn = 0; turn < 25; ++turn) {
    for (std::size_t k = 0; k < ways.size(); ++k) times[k].push_back(seconds(ways[k]));
  }
  return ways[static_cast<std::size_t>(std::ranges::min_element(times, {}, median) -
                                       times.begin())];
}

std::function<double()> bytes_loop(const Work& work) {
  const Moves moves = moves_like(work);
  const double streams = moves.reads + moves.writes, bytes = work.read + work.written;
  const auto vectors = static_cast<std::int64_t>(bytes / streams / sizeof(Lanes)) + 1;
  const std::int64_t size = vectors * kLanes;
  Arrays from{}, to{};
  for (int k = 0; k < moves.reads; ++k) from[k] = Memory<>(size);
  for (int k = 0; k < moves.writes; ++k) to[k] = moves.in_place ? from[k] : Memory<>(size);
  const double scale = bytes / (streams * static_cast<double>(size) * sizeof(float));
  const int repeats = bytes > 1e6 ? 1 : 20;  // of few bytes, starting the threads counts
  const auto seconds = [=](Move way) {
    const auto run = [&] {
      for (int i = 0; i < repeats; ++i) way(from, to, size);
    };
    return scale * seconds_of(run) / repeats;
  };
  const Move best = fastest_of(moves.ways, seconds);
  return [=] { return seconds(best); };
}

std::function<double()> arithmetic_loop(const Loop& loop, double amount, int threads) {
  const double per_step = loop.per_step * threads;
  const auto steps = std::max(kFewSteps, static_cast<std::int64_t>(amount / per_step));
  const double scale = amount / (per_step * static_cast<double>(steps));
  return [=] { return scale * seconds_of([&] { loop.run(threads, steps); }); };
}

}  // namespace

double peak_flops(int threads) {
  static std::map<int, double> known;
  if (const auto found = known.find(threads); found != known.end()) return found->second;
  return known[threads] = rate(multiply_add(), threads);
}

Bound::Bound(const Work& work, int threads) {
  const auto add = [&](const Loop& loop, double amount) {
    if (amount > 0) loops_.push_back(arithmetic_loop(loop, amount, threads));
  };
  add(work.half ? multiply_add_bfloat16(threads) : multiply_add(), work.flops);
  add(exponentials(), work.exponentials);
  add(random_bits(), work.random_bits);
  loops_.push_back(bytes_loop(work));
}

double Bound::seconds() const {
  double longest = 0;
  for (const auto& loop : loops_) longest = std::max(longest, loop());
  return longest;
}

}  // namespace banach::bench
