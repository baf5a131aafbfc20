#include <banach/core/random.hpp>

#include <cmath>
#include <mutex>
#include <numbers>
#include <numeric>
#include <random>
#include <utility>

namespace banach {
namespace {

struct GlobalSeeds {
  std::mutex mutex;
  RandomGenerator generator{std::random_device{}()};
};

GlobalSeeds& global_seeds() {
  static GlobalSeeds seeds;
  return seeds;
}

}  // namespace

RandomGenerator::RandomGenerator(std::uint64_t seed, std::uint64_t stream)
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      counter_{0, 0, static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)} {
}

std::uint32_t RandomGenerator::next() {
  if (used_ == 4) {
    block_ = Philox::generate(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return block_[used_++];
}

double RandomGenerator::uniform() {
  const std::uint64_t high = next() >> 5, low = next() >> 6;
  return static_cast<double>(high << 26 | low) * 0x1p-53;
}

double RandomGenerator::normal() {
  const double radius = std::sqrt(-2 * std::log1p(-uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

std::int64_t RandomGenerator::below(std::int64_t limit) {
  const auto bound = static_cast<std::uint64_t>(limit);
  const std::uint64_t rejected = -bound % bound;  // Lemire 2019, without the fast path
  for (;;) {
    const std::uint64_t value = std::uint64_t{next()} << 32 | next();
    if (value >= rejected) return static_cast<std::int64_t>(value % bound);
  }
}

std::vector<std::int64_t> RandomGenerator::permutation(std::int64_t n) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (std::int64_t i = n - 1; i > 0; --i) std::swap(order[i], order[below(i + 1)]);
  return order;
}

void utils::set_random_seed(std::uint64_t seed) {
  std::scoped_lock lock(global_seeds().mutex);
  global_seeds().generator = RandomGenerator(seed);
}

std::uint64_t draw_seed() {
  std::scoped_lock lock(global_seeds().mutex);
  const std::uint64_t high = global_seeds().generator.next();
  return high << 32 | global_seeds().generator.next();
}

}  // namespace banach
