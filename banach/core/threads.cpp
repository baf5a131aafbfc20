#include <banach/core/errors.hpp>
#include <banach/core/threads.hpp>

#include <algorithm>
#include <atomic>
#include <string>

namespace banach {

// One of threads_openmp.cpp and threads_std.cpp is built; it provides run_team, too.
namespace detail {
int available_processors();
}

namespace {

std::atomic<int>& thread_count() {
  static std::atomic<int> count = detail::available_processors();
  return count;
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::uint64_t pack(std::int64_t begin, std::int64_t end) {
  return static_cast<std::uint64_t>(begin) << 32 | static_cast<std::uint64_t>(end);
}

}  // namespace

int config::num_threads() { return thread_count().load(std::memory_order_relaxed); }

void config::set_num_threads(int count) {
  if (count < 1) {
    throw InvalidArgument("[set_num_threads] expected at least 1, received " +
                          std::to_string(count));
  }
  thread_count().store(count, std::memory_order_relaxed);
}

namespace detail {

Shares::Shares(std::int64_t count, std::int64_t least, int threads)
    : count_(count), step_((count >> 31) + 1), least_(ceil_div(least, step_)), threads_(threads) {
  const std::int64_t steps = ceil_div(count, step_);
  for (int i = 0; i < threads; ++i) {
    ranges_[i].ends = pack(steps * i / threads, steps * (i + 1) / threads);
  }
}

bool Shares::take(int thread, Piece& piece) {
  if (take_from(ranges_[thread], true, piece)) return true;
  for (int i = 1; i < threads_; ++i) {
    if (take_from(ranges_[(thread + i) % threads_], false, piece)) return true;
  }
  return false;
}

bool Shares::take_from(Range& range, bool own, Piece& piece) {
  const std::atomic_ref<std::uint64_t> ends(range.ends);
  std::uint64_t old = ends.load(std::memory_order_relaxed);
  for (;;) {
    const auto begin = static_cast<std::int64_t>(old >> 32);
    const auto end = static_cast<std::int64_t>(old & 0xffffffff);
    if (begin == end) return false;
    const std::int64_t left = end - begin, part = std::max(ceil_div(left, 4), least_);
    const std::int64_t size = threads_ == 1 || left - part < least_ ? left : part;
    const std::uint64_t rest = own ? pack(begin + size, end) : pack(begin, end - size);
    if (!ends.compare_exchange_weak(old, rest, std::memory_order_relaxed)) continue;
    const std::int64_t first = own ? begin : end - size;
    piece = {first * step_, std::min((first + size) * step_, count_)};
    return true;
  }
}

void run_pieces(std::int64_t count, std::int64_t grain, PieceFunction function, const void* body) {
  constexpr std::int64_t kPiecesOfGrain = 8;
  grain = std::max<std::int64_t>(grain, 1);
  parallel_shares(count, grain / kPiecesOfGrain, team_size(count / grain), [&](const Share& share) {
    for (const auto& [begin, end] : share) function(body, begin, end);
  });
}

int team_size(std::int64_t most) {
  if (most < 2 || in_parallel()) return 1;
  const std::int64_t limit = std::min(config::num_threads(), Shares::kMostThreads);
  return static_cast<int>(std::min(most, limit));
}

}  // namespace detail
}  // namespace banach
