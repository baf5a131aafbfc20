#include <benchmarks/floor/bound.hpp>
#include <benchmarks/floor/kit.hpp>
#include <benchmarks/floor/registers.hpp>
#include <benchmarks/measure.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
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

Floats load(const float* from) {
  Floats value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <bool kAround>
void store(float* to, Floats value) {
#if defined(__AVX512F__)
  if (kAround) return _mm512_stream_ps(to, std::bit_cast<__m512>(value));
#elif defined(__AVX__)
  if (kAround) return _mm256_stream_ps(to, std::bit_cast<__m256>(value));
#endif
  std::memcpy(to, &value, sizeof value);
}

void finish_stores() {
#ifdef __AVX__
  _mm_sfence();
#endif
}

// What a loop goes over: groups of vectors, of which it reads some and writes some. In place `to`
// is `from`.
struct Groups {
  float *from, *to;
  std::int64_t count;
};

// Does it `repeats` times.
using Move = void (*)(const Groups& groups, int threads, int repeats);

template <int kReads, int kWrites, bool kInPlace, bool kAround, bool kAhead>
void move(const Groups& groups, int threads, int repeats) {
  constexpr std::int64_t kPage = 1024, kWritten = kInPlace ? kReads : kWrites;
#pragma omp parallel num_threads(threads)
  {
    Floats read{};
    for (int repeat = 0; repeat < repeats; ++repeat) {
#pragma omp for schedule(static) nowait
      for (std::int64_t i = 0; i < groups.count; ++i) {
        const float* from = groups.from + i * kReads * kFloats;
        float* to = groups.to + i * kWritten * kFloats;
        Floats sum{};
        for (int k = 0; k < kReads; ++k) {
          if (kAhead) __builtin_prefetch(from + k * kFloats + kPage);
          sum = k == 0 ? load(from) : sum + load(from + k * kFloats);
        }
        if (kWrites == 0) read = read + sum;  // else nothing would be read
        for (int k = 0; k < kWrites; ++k) store<kAround>(to + k * kFloats, sum);
      }
    }
    asm volatile("" : "+m"(read));
    if (kAround) finish_stores();
  }
}

// The ways to read so many vectors of a group and to write so many.
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
          {move<kReads, kWrites, false, false, false>, move<kReads, kWrites, false, false, true>,
           move<kReads, kWrites, false, true, false>, move<kReads, kWrites, false, true, true>}};
}

template <int kReads, int kWrites>
Moves in_place() {
  return {kReads,
          kWrites,
          true,
          {move<kReads, kWrites, true, false, false>, move<kReads, kWrites, true, false, true>}};
}

// Those that come closest to the share of what is read.
Moves moves_like(const Work& work) {
  const double ratio = work.read / std::max(1.0, work.written);
  if (work.in_place) return ratio > 1.6 ? in_place<2, 1>() : in_place<4, 3>();
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

std::function<double()> bytes_loop(const Work& work, int threads) {
  constexpr double kLongBytes = 16e6;  // beside which starting the threads is nothing
  const Moves moves = moves_like(work);
  const double bytes = work.read + work.written;
  const double vectors = moves.reads + moves.writes;
  const auto count = static_cast<std::int64_t>(bytes / (vectors * sizeof(Floats))) + 1;
  const Memory<> from(count * moves.reads * kFloats);
  const Memory<> to = moves.in_place ? from : Memory<>(count * moves.writes * kFloats);
  const Groups groups{from, to, count};
  const int repeats = static_cast<int>(std::clamp(kLongBytes / bytes, 1.0, 1e5));
  const double moved = static_cast<double>(count) * vectors * sizeof(Floats) * repeats;
  const auto seconds = [=](Move way) {
    return bytes / moved * seconds_of([&] { way(groups, threads, repeats); });
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
  const auto add = [&](double amount, const auto& loop) {
    if (amount > 0) loops_.push_back(arithmetic_loop(loop(), amount, threads));
  };
  add(work.flops, multiply_add);
  add(work.half_flops, [=] { return multiply_add_bfloat16(threads); });
  add(work.exponentials, exponentials);
  add(work.random_bits, random_bits);
  loops_.push_back(bytes_loop(work, threads));
  times_.resize(loops_.size());
}

void Bound::measure() {
  for (std::size_t i = 0; i < loops_.size(); ++i) times_[i].push_back(loops_[i]());
}

double Bound::seconds() const {
  double longest = 0;
  for (const auto& times : times_) longest = std::max(longest, median(times));
  return longest;
}

}  // namespace banach::bench
