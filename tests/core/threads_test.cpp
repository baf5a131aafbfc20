#include <banach/core/errors.hpp>
#include <banach/core/threads.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
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

// Where one thread waits in its first piece until all the others are done.
TEST_CASE("a thread that is held up leaves its share to the others") {
  const int before = config::num_threads();
  config::set_num_threads(2);
  std::atomic<std::int64_t> done{0}, held{0};
  std::atomic<bool> holding{false}, gave_up{false};
  parallel_shares(1000, 10, 2, [&](const Share& share) {
    CHECK(share.thread() < 2);
    for (const auto [begin, end] : share) {
      CHECK(end - begin >= 10);
      done += end - begin;
      if (holding.exchange(true)) continue;
      held = end - begin;
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
      while (done < 1000 && !gave_up) gave_up = std::chrono::steady_clock::now() > deadline;
    }
  });
  config::set_num_threads(before);
  CHECK_FALSE(gave_up);
  CHECK(done == 1000);
  CHECK(held < 500);
}

TEST_CASE("shares of more items than 32 bits count are pieces of them all") {
  constexpr std::int64_t kCount = (std::int64_t{1} << 40) + 12345;
  std::atomic<std::int64_t> sum{0}, last{0};
  parallel_shares(kCount, kCount / 50, 3, [&](const Share& share) {
    for (const auto [begin, end] : share) {
      sum += end - begin;
      if (end == kCount) ++last;
    }
  });
  CHECK(sum == kCount);
  CHECK(last == 1);
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
