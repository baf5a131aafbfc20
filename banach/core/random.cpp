#include <banach/core/random.hpp>

#include <algorithm>
#include <array>
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

// c[0] + c[1] x + ... of eight coefficients.
double polynomial(const double (&c)[8], double x) {
  double sum = c[7];
  for (int i = 6; i >= 0; --i) sum = sum * x + c[i];
  return sum;
}

// AS 241 for |p - 1/2| <= 0.425; without a branch, so that compilers make vectors of it.
constexpr double kMiddle = 0.425;
double middle_quantile(double p) {
  constexpr double kA[] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                           1.9715909503065514427e+3, 1.3731693765509461125e+4,
                           4.5921953931549871457e+4, 6.7265770927008700853e+4,
                           3.3430575583588128105e+4, 2.5090809287301226727e+3};
  constexpr double kB[] = {1.0,
                           4.2313330701600911252e+1,
                           6.8718700749205790830e+2,
                           5.3941960214247511077e+3,
                           2.1213794301586595867e+4,
                           3.9307895800092710610e+4,
                           2.8729085735721942674e+4,
                           5.2264952788528545610e+3};
  const double q = p - 0.5, r = kMiddle * kMiddle - q * q;
  return q * polynomial(kA, r) / polynomial(kB, r);
}

double tail_quantile(double p) {
  constexpr double kC[] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                           5.76949722146069140550e0,  3.64784832476320460504e0,
                           1.27045825245236838258e0,  2.41780725177450611770e-1,
                           2.27238449892691845833e-2, 7.74545014278341407640e-4};
  constexpr double kD[] = {1.0,
                           2.05319162663775882187e0,
                           1.67638483018380384940e0,
                           6.89767334985100004550e-1,
                           1.48103976427480074590e-1,
                           1.51986665636164571966e-2,
                           5.47593808499534494600e-4,
                           1.05075007164441684324e-9};
  constexpr double kE[] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                           1.78482653991729133580e0,  2.96560571828504891230e-1,
                           2.65321895265761230930e-2, 1.24266094738807843860e-3,
                           2.71155556874348757815e-5, 2.01033439929228813265e-7};
  constexpr double kF[] = {1.0,
                           5.99832206555887937690e-1,
                           1.36929880922735805310e-1,
                           1.48753612908506148525e-2,
                           7.86869131145613259100e-4,
                           1.84631831751005468180e-5,
                           1.42151175831644588870e-7,
                           2.04426310338993978564e-15};
  const double r = std::sqrt(-std::log(std::min(p, 1 - p)));
  const double x = r <= 5 ? polynomial(kC, r - 1.6) / polynomial(kD, r - 1.6)
                          : polynomial(kE, r - 5) / polynomial(kF, r - 5);
  return p < 0.5 ? -x : x;
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

void fill_uniform(std::uint64_t seed, std::int64_t first, std::span<double> out) {
  const Philox::Key key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  const auto size = static_cast<std::int64_t>(out.size());
  for (std::int64_t j = 0; j < size;) {
    const auto block = static_cast<std::uint64_t>(first + j) / 4;
    const Philox::Counter words = Philox::generate(
        {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), 0, 0}, key);
    for (std::int64_t word = (first + j) % 4; word < 4 && j < size; ++word, ++j) {
      out[static_cast<std::size_t>(j)] = (words[static_cast<std::size_t>(word)] + 0.5) * 0x1p-32;
    }
  }
}

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

void to_normal_quantiles(std::span<double> probabilities) {
  std::array<double, 256> kept;
  for (std::size_t begin = 0; begin < probabilities.size(); begin += kept.size()) {
    const std::span part =
        probabilities.subspan(begin, std::min(kept.size(), probabilities.size() - begin));
    std::ranges::copy(part, kept.begin());
    for (double& p : part) p = middle_quantile(p);
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (std::abs(kept[i] - 0.5) > kMiddle) part[i] = tail_quantile(kept[i]);
    }
  }
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
