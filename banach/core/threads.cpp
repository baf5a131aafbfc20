#include <banach/core/errors.hpp>
#include <banach/core/integers.hpp>
#include <banach/core/threads.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include <sched.h>

namespace banach {

namespace {

// OMP_NUM_THREADS, which users and batch systems set, else the processors of this process.
int initial_threads() {
  int count = 0;
  if (const char* wanted = std::getenv("OMP_NUM_THREADS")) {
    std::from_chars(wanted, wanted + std::strlen(wanted), count);  // the first of "4,2"
  }
  if (count > 0) return count;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::atomic<int>& thread_count() {
  static std::atomic<int> count = initial_threads();
  return count;
}

std::uint64_t pack(std::int64_t begin, std::int64_t end) {
  return static_cast<std::uint64_t>(begin) << 32 | static_cast<std::uint64_t>(end);
}

}  // namespace

int config::num_threads() {
  return std::min(thread_count().load(std::memory_order_relaxed), detail::Shares::kMostThreads);
}

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
    ends_[i].packed = pack(steps * i / threads, steps * (i + 1) / threads);
  }
}

bool Shares::take(int thread, int& from, IndexRange& piece) {
  for (int i = 0; i < threads_; ++i) {
    if (take_from(ends_[from], from == thread, piece)) return true;
    from = from + 1 < threads_ ? from + 1 : 0;
  }
  return false;
}

bool Shares::take_from(Ends& ends, bool own, IndexRange& piece) {
  const std::atomic_ref<std::uint64_t> packed(ends.packed);
  std::uint64_t old = packed.load(std::memory_order_relaxed);
  for (;;) {
    const auto begin = static_cast<std::int64_t>(old >> 32);
    const auto end = static_cast<std::int64_t>(old & 0xffffffff);
    if (begin == end) return false;
    const std::int64_t left = end - begin, part = std::max(ceil_div(left, 4), least_);
    const std::int64_t size = threads_ == 1 || left - part < least_ ? left : part;
    const std::uint64_t rest = own ? pack(begin + size, end) : pack(begin, end - size);
    if (!packed.compare_exchange_weak(old, rest, std::memory_order_relaxed)) continue;
    const std::int64_t first = own ? begin : end - size;
    piece = {first * step_, std::min((first + size) * step_, count_)};
    return true;
  }
}

void run_pieces(std::int64_t count, std::int64_t grain, PieceFunction function, const void* body) {
  constexpr std::int64_t kPiecesOfGrain = 8;
  if (count <= 0) return;
  grain = std::max<std::int64_t>(grain, 1);
  const int threads = team_size(count / grain);
  if (threads == 1) return function(body, 0, count);
  parallel_shares(count, grain / kPiecesOfGrain, threads, [&](Share& share) {
    for (IndexRange piece; share.take(piece);) function(body, piece.begin, piece.end);
  });
}

int team_size(std::int64_t most) {
  if (most < 2 || in_parallel()) return 1;
  return static_cast<int>(std::min<std::int64_t>(most, config::num_threads()));
}

}  // namespace detail
}  // namespace banach
