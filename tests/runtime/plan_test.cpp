#include <banach/core/random.hpp>
#include <banach/runtime/plan.hpp>
#include <doctest/doctest.h>

#include <algorithm>

using namespace banach;

namespace {

std::vector<Lifetime> random_lifetimes(std::uint64_t seed, int count) {
  RandomGenerator random(seed);
  std::vector<Lifetime> lifetimes;
  for (int i = 0; i < count; ++i) {
    const int first = static_cast<int>(random.below(count));
    const int last = first + static_cast<int>(random.below(10));
    lifetimes.push_back({static_cast<std::size_t>(random.below(5000)), first, last});
  }
  return lifetimes;
}

bool overlap_in_time(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

// The most bytes alive at one step: no plan can do with less.
std::size_t lower_bound(const std::vector<Lifetime>& lifetimes) {
  std::size_t most = 0;
  for (const Lifetime& at : lifetimes) {
    std::size_t alive = 0;
    for (const Lifetime& l : lifetimes) {
      if (l.first <= at.first && at.first <= l.last) alive += l.bytes;
    }
    most = std::max(most, alive);
  }
  return most;
}

}  // namespace

TEST_CASE("blocks that live together never overlap, and the arena is not wasteful") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    const auto lifetimes = random_lifetimes(seed, 120);
    const MemoryPlan plan = plan_memory(lifetimes);
    REQUIRE(plan.offsets.size() == lifetimes.size());
    for (std::size_t i = 0; i < lifetimes.size(); ++i) {
      CHECK(plan.offsets[i] % 64 == 0);
      CHECK(plan.offsets[i] + lifetimes[i].bytes <= plan.bytes);
      for (std::size_t j = 0; j < i; ++j) {
        if (!overlap_in_time(lifetimes[i], lifetimes[j])) continue;
        const bool apart = plan.offsets[i] + lifetimes[i].bytes <= plan.offsets[j] ||
                           plan.offsets[j] + lifetimes[j].bytes <= plan.offsets[i];
        CHECK(apart);
      }
    }
    CHECK(plan.bytes >= lower_bound(lifetimes));
    CHECK(plan.bytes <= 2 * lower_bound(lifetimes) + 64 * lifetimes.size());
  }
}

TEST_CASE("a chain of equal blocks needs two of them") {
  std::vector<Lifetime> chain;
  for (int i = 0; i < 100; ++i) chain.push_back({1024, i, i + 1});
  CHECK(plan_memory(chain).bytes == 2048);
}

TEST_CASE("nothing to plan") { CHECK(plan_memory({}).bytes == 0); }
