// Teams of OpenMP: the pool that oneDNN uses too, so both share the same threads.
#include <banach/core/threads.hpp>

#include <omp.h>

namespace banach {

bool in_parallel() { return omp_in_parallel() != 0; }

namespace detail {

// OpenMP read the processors before it bound this thread to one of them (OMP_PROC_BIND).
int available_processors() { return omp_get_max_threads(); }

void run_team(int threads, TeamFunction function, void* body) {
  if (threads == 1) return function(body, 0);
#pragma omp parallel num_threads(threads)
  function(body, omp_get_thread_num());
}

}  // namespace detail
}  // namespace banach
