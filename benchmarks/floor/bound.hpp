#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace banach::bench {

// What this machine can do, found out by plain loops.

/// Multiplications and additions of float32 a second, on so many threads.
double peak_flops(int threads);

/// What a kernel cannot do without.
struct Work {
  double flops = 0;              ///< multiplications and additions of float32
  double half_flops = 0;         ///< those of products of bfloat16
  double exponentials = 0;       ///< of float32
  double random_bits = 0;        ///< of 16 bits each, from Philox 4x32-10
  double read = 0, written = 0;  ///< bytes
  bool in_place = false;         ///< what is written has been read
};

/// The time that this machine takes for it at least, by loops that do nothing else, each on all
/// threads: the arithmetic in registers, by the best instructions there are, and as many bytes in
/// the same proportions, through or around the caches, whichever is faster. Its arrays are never
/// given back.
class Bound {
 public:
  Bound(const Work& work, int threads);

  /// Runs each loop once.
  void measure();
  /// The median of the loop that takes longest.
  double seconds() const;

 private:
  std::vector<std::function<double()>> loops_;
  std::vector<std::vector<double>> times_;  // of each loop
};

}  // namespace banach::bench
