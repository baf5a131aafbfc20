#include <banach/core/errors.hpp>
#include <banach/core/threads.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>
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

namespace {

/// So many threads while it lives.
struct Threads {
  explicit Threads(int count) : before(config::num_threads()) { config::set_num_threads(count); }
  ~Threads() { config::set_num_threads(before); }
  int before;
};

}  // namespace

TEST_CASE("shares are every item once, in pieces that are not too small") {
  for (const int threads : {1, 2, 3, 7, 64}) {
    const Threads limit(threads);
    for (const std::int64_t count : {1, 2, 5, 100, 1001}) {
      for (const std::int64_t least : {0, 1, 10, 5000}) {
        std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
        std::atomic<int> small{0}, strangers{0};
        parallel_shares(count, least, threads, [&](Share& share) {
          strangers += share.thread() < 0 || share.thread() >= threads;
          for (IndexRange piece; share.take(piece);) {
            small += piece.size() < std::min(least, count / threads);
            for (std::int64_t i = piece.begin; i < piece.end; ++i) {
              ++visits[static_cast<std::size_t>(i)];
            }
          }
        });
        for (const auto& visited : visits) CHECK(visited == 1);
        CHECK(small == 0);
        CHECK(strangers == 0);
      }
    }
  }
}

// Where one thread waits in its first piece until the other has done all the rest.
TEST_CASE("a thread that is held up leaves its share to the others") {
  const Threads limit(2);
  std::atomic<int> members{0};
  std::atomic<std::int64_t> done{0}, held{0};
  std::atomic<bool> holding{false}, gave_up{false};
  parallel_shares(1000, 10, 2, [&](Share& share) {
    ++members;
    for (IndexRange piece; share.take(piece);) {
      done += piece.size();
      if (holding.exchange(true)) continue;
      held = piece.size();
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
      while (done < 1000 && !gave_up) gave_up = std::chrono::steady_clock::now() > deadline;
    }
  });
  CHECK(done == 1000);
  if (members == 1) return;  // the system gives no second thread
  CHECK_FALSE(gave_up);
  CHECK(held < 500);
}

TEST_CASE("shares of more items than 32 bits count are pieces of them all") {
  constexpr std::int64_t kCount = (std::int64_t{1} << 40) + 12345;
  const Threads limit(3);
  std::mutex mutex;
  std::vector<std::pair<std::int64_t, std::int64_t>> pieces;
  parallel_shares(kCount, kCount / 50, 3, [&](Share& share) {
    for (IndexRange piece; share.take(piece);) {
      const std::scoped_lock lock(mutex);
      pieces.emplace_back(piece.begin, piece.end);
    }
  });
  std::sort(pieces.begin(), pieces.end());
  CHECK(pieces.size() > 3);
  std::int64_t end = 0;
  for (const auto& piece : pieces) {
    CHECK(piece.first == end);
    end = piece.second;
  }
  CHECK(end == kCount);
}

TEST_CASE("more threads than a team can have are as many as it can") {
  const Threads limit(1000);
  CHECK(config::num_threads() == 256);
  std::atomic<std::int64_t> sum{0};
  parallel_for(100000, 1, [&](std::int64_t begin, std::int64_t end) { sum += end - begin; });
  CHECK(sum == 100000);
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
