#pragma once

#include <banach/core/philox.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace banach {

/// A stream of Philox numbers: initial weights, shuffles, seeds. Not for concurrent use.
class RandomGenerator {
 public:
  explicit RandomGenerator(std::uint64_t seed, std::uint64_t stream = 0);

  std::uint32_t next();
  double uniform();                                       ///< in [0, 1), 53 bits
  double normal();                                        ///< mean 0, variance 1 (Box-Muller)
  std::int64_t below(std::int64_t limit);                 ///< in [0, limit), without bias
  std::vector<std::int64_t> permutation(std::int64_t n);  ///< of 0 ... n - 1 (Fisher-Yates)

 private:
  Philox::Key key_;
  Philox::Counter counter_;
  Philox::Counter block_{};
  int used_ = 4;
};

/// Numbers in (0, 1), each from 32 bits that depend on the seed and its position alone, so parts of
/// a large array can be made in any order: out[j] is number `first` + j.
void fill_uniform(std::uint64_t seed, std::int64_t first, std::span<double> out);

/// Phi(x), the share of a normal distribution below x.
double normal_cdf(double x);
/// Replaces each probability in (0, 1) by the x where Phi(x) is that: Wichura's algorithm AS 241
/// (1988), to 16 digits.
void to_normal_quantiles(std::span<double> probabilities);

namespace utils {

/// Makes everything random that is created afterwards repeat: weights, masks, shuffles.
void set_random_seed(std::uint64_t seed);

}  // namespace utils

/// The next seed of the global stream, for whoever was given none (thread-safe).
std::uint64_t draw_seed();

}  // namespace banach
