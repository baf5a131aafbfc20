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
  double flops = 0;              ///< multiplications and additions of products
  bool half = false;             ///< which are of bfloat16, by the best instructions there are
  double exponentials = 0;       ///< of float32
  double random_bits = 0;        ///< of 16 bits each, from Philox 4x32-10
  double read = 0, written = 0;  ///< bytes
  bool in_place = false;         ///< what is written has been read
};

/// The time that this machine takes for it at least: of loops that do nothing else, each on all
/// threads, the arithmetic in registers and the bytes of arrays of that size, through or around the
/// caches, whichever is faster.
class Bound {
 public:
  Bound(const Work& work, int threads);

  /// Runs the loops once; seconds of the slowest.
  double seconds() const;

 private:
  std::vector<std::function<double()>> loops_;
};

}  // namespace banach::bench
