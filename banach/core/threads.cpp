#include <banach/core/errors.hpp>
#include <banach/core/threads.hpp>

#include <algorithm>
#include <atomic>
#include <string>

namespace banach {

// One of threads_openmp.cpp and threads_std.cpp is built; it provides these.
namespace detail {
int available_processors();
void run_team(int parts, std::int64_t count, ChunkFunction function, const void* body);
}  // namespace detail

namespace {

std::atomic<int>& thread_count() {
  static std::atomic<int> count = detail::available_processors();
  return count;
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

void run_chunks(std::int64_t count, std::int64_t grain, ChunkFunction function, const void* body) {
  if (count <= 0) return;
  const std::int64_t wanted = count / std::max<std::int64_t>(grain, 1);
  const auto parts = static_cast<int>(std::min<std::int64_t>(config::num_threads(), wanted));
  if (parts < 2 || in_parallel()) {
    function(body, 0, count);
  } else {
    run_team(parts, count, function, body);
  }
}

}  // namespace detail
}  // namespace banach
