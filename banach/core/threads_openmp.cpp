// parallel_for on OpenMP: the pool that oneDNN uses too, so both share the same threads.
#include <banach/core/threads.hpp>

#include <omp.h>

namespace banach {

bool in_parallel() { return omp_in_parallel() != 0; }

namespace detail {

// OpenMP read the processors before it bound this thread to one of them (OMP_PROC_BIND).
int available_processors() { return omp_get_max_threads(); }

void run_team(int parts, std::int64_t count, ChunkFunction function, const void* body) {
#pragma omp parallel for num_threads(parts) schedule(static, 1)
  for (int part = 0; part < parts; ++part) {
    function(body, count * part / parts, count * (part + 1) / parts);
  }
}

}  // namespace detail
}  // namespace banach
