#include <banach/core/errors.hpp>
#include <banach/core/threads.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace banach;

TEST_CASE("every item is visited once, whatever the grain") {
  for (const std::int64_t grain : {1, 7, 100, 5000}) {
    std::vector<int> visits(1000);
    parallel_for(1000, grain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
    });
    for (int count : visits) CHECK(count == 1);
  }
  parallel_for(0, 1, [](std::int64_t, std::int64_t) { FAIL("nothing to do"); });
}

TEST_CASE("a nested parallel_for runs inside its thread") {
  std::atomic<int> sum{0};
  parallel_for(4, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      parallel_for(10, 1, [&](std::int64_t b, std::int64_t e) { sum += static_cast<int>(e - b); });
    }
  });
  CHECK(sum == 40);
}

TEST_CASE("several threads may call at once") {
  std::atomic<int> sum{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        parallel_for(8, 1, [&](std::int64_t b, std::int64_t e) { sum += static_cast<int>(e - b); });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(sum == 4 * 50 * 8);
}

TEST_CASE("the number of threads is at least one") {
  CHECK(config::num_threads() >= 1);
  CHECK_THROWS_AS(config::set_num_threads(0), InvalidArgument);
}
