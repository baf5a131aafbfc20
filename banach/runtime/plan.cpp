#include <banach/runtime/plan.hpp>

#include <algorithm>
#include <map>
#include <numeric>
#include <queue>

namespace banach {
namespace {

constexpr std::size_t kAlignment = 64;

// The holes of the arena by offset; neighbours are merged.
class FreeList {
 public:
  /// The offset of a block: the smallest hole that fits, else the end of the arena.
  std::size_t take(std::size_t bytes) {
    auto best = holes_.end();
    for (auto hole = holes_.begin(); hole != holes_.end(); ++hole) {
      const bool smaller = best == holes_.end() || hole->second < best->second;
      if (hole->second >= bytes && smaller) best = hole;
    }
    if (best == holes_.end()) return take_at_end(bytes);
    const auto [offset, size] = *best;
    holes_.erase(best);
    if (size > bytes) holes_.emplace(offset + bytes, size - bytes);
    return offset;
  }

  void release(std::size_t offset, std::size_t bytes) {
    auto hole = holes_.emplace(offset, bytes).first;
    if (const auto next = std::next(hole); next != holes_.end() && offset + bytes == next->first) {
      hole->second += next->second;
      holes_.erase(next);
    }
    if (hole == holes_.begin()) return;
    const auto previous = std::prev(hole);
    if (previous->first + previous->second == hole->first) {
      previous->second += hole->second;
      holes_.erase(hole);
    }
  }

  std::size_t arena_bytes() const { return end_; }

 private:
  std::size_t take_at_end(std::size_t bytes) {
    std::size_t offset = end_;
    if (!holes_.empty() && holes_.rbegin()->first + holes_.rbegin()->second == end_) {
      offset = holes_.rbegin()->first;  // the last hole grows
      holes_.erase(offset);
    }
    end_ = offset + bytes;
    return offset;
  }

  std::map<std::size_t, std::size_t> holes_;
  std::size_t end_ = 0;
};

std::size_t aligned(std::size_t bytes) {
  return (std::max<std::size_t>(bytes, 1) + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

MemoryPlan plan_memory(std::span<const Lifetime> lifetimes) {
  std::vector<std::size_t> order(lifetimes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return lifetimes[i].first; });

  using Expiry = std::pair<int, std::size_t>;  // last step, block
  std::priority_queue<Expiry, std::vector<Expiry>, std::greater<>> alive;
  MemoryPlan plan{std::vector<std::size_t>(lifetimes.size()), 0};
  FreeList free;
  for (std::size_t block : order) {
    while (!alive.empty() && alive.top().first < lifetimes[block].first) {
      const std::size_t dead = alive.top().second;
      alive.pop();
      free.release(plan.offsets[dead], aligned(lifetimes[dead].bytes));
    }
    plan.offsets[block] = free.take(aligned(lifetimes[block].bytes));
    alive.emplace(lifetimes[block].last, block);
  }
  plan.bytes = free.arena_bytes();
  return plan;
}

}  // namespace banach
