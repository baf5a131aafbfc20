#include <banach/core/threads.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace banach;

namespace {

std::int64_t sum_in_parallel() {
  std::atomic<std::int64_t> sum{0};
  parallel_for(1000, 1, [&](std::int64_t begin, std::int64_t end) { sum += end - begin; });
  return sum;
}

// The exit status of a child; -1 when it has not ended after 20 seconds.
int status_of(pid_t child) {
  int status = 0;
  for (int i = 0; i < 2000; ++i) {
    if (waitpid(child, &status, WNOHANG) == child) {
      return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return -1;
}

}  // namespace

TEST_CASE("a forked child has threads of its own") {
  const int before = config::num_threads();
  config::set_num_threads(3);
  CHECK(sum_in_parallel() == 1000);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(sum_in_parallel() == 1000 ? 0 : 1);
  CHECK(status_of(child) == 0);
  CHECK(sum_in_parallel() == 1000);
  config::set_num_threads(before);
}
