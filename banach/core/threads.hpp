#pragma once

#include <cstdint>

namespace banach {

namespace config {

/// Threads that one operation may use; at first all processors this process may run on.
int num_threads();
void set_num_threads(int count);  ///< InvalidArgument below 1

}  // namespace config

namespace detail {

using ChunkFunction = void (*)(const void* body, std::int64_t begin, std::int64_t end);
void run_chunks(std::int64_t count, std::int64_t grain, ChunkFunction function, const void* body);

}  // namespace detail

/// Calls `body(begin, end)` on contiguous parts of [0, count), each of at least `grain` items,
/// at most one part a thread. Allocates nothing; inside another parallel_for it runs serially.
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, const Body& body) {
  detail::run_chunks(
      count, grain,
      [](const void* b, std::int64_t begin, std::int64_t end) {
        (*static_cast<const Body*>(b))(begin, end);
      },
      &body);
}

/// True inside a parallel_for: third-party code called there must not start threads of its own.
bool in_parallel();

}  // namespace banach
