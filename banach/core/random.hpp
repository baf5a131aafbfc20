#pragma once

#include <banach/core/philox.hpp>

#include <cstdint>
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

namespace utils {

/// Makes everything random that is created afterwards repeat: weights, masks, shuffles.
void set_random_seed(std::uint64_t seed);

}  // namespace utils

/// The next seed of the global stream, for whoever was given none (thread-safe).
std::uint64_t draw_seed();

}  // namespace banach
