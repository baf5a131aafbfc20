#pragma once

#include <banach/runtime/program.hpp>

#include <string>
#include <vector>

namespace banach {

/// What a node asks of a machine, whatever its kernel does.
struct Cost {
  double flops = 0;
  double bytes = 0;  ///< every input and output moved once
};

/// Products (matmul, convolution and its gradients) count 2 m n k. Everything else counts one
/// operation for each element that it writes or, when it reduces, reads.
Cost cost(const Node& node);

/// The fastest that a machine goes.
struct MachineBound {
  double gflops = 0;     ///< 10^9 float32 operations a second
  double gigabytes = 0;  ///< 10^9 bytes a second between memory and kernels that update variables
  double copy_gigabytes = 0;  ///< and those whose results lie elsewhere than what they read
  double half_gflops = 0;     ///< operations in products of bfloat16, or of float16
};

/// Measured when first asked for, by the backend's own matmuls of (1024, 1024) and its addition in
/// place and negation of arrays that no cache holds (128 MB, for a second), and remembered for the
/// process.
/// Matmuls that a profile finds faster raise it: other work on the machine had slowed it down.
MachineBound machine_bound(const BackendPtr& backend);

/// A kernel's part of a step.
struct ProfileRow {
  enum Bound { memory, arithmetic };

  std::string op;     ///< "fused_matmul"
  std::string layer;  ///< "sequential/dense_1"
  Shape shape;        ///< of the first output
  Cost cost;
  double microseconds = 0;  ///< the median
  double share = 0;         ///< of the step, in [0, 1]
  Bound bound = memory;     ///< what the kernel would wait for on a perfect program
  /// The time at that bound over the time taken: 1 is perfect. Small values that stay in the cache
  /// can be above it, since the bound is that of the memory, and convolutions by Winograd's method,
  /// which need fewer operations than they count.
  double reached = 0;

  double gflops() const { return cost.flops / microseconds / 1e3; }
  double gigabytes() const { return cost.bytes / microseconds / 1e3; }
};

/// Where the time of a step goes, kernel by kernel in their order.
struct Profile {
  std::vector<ProfileRow> rows;
  MachineBound machine;

  double microseconds() const;  ///< of the step
  /// A table with a line a kernel, the whole step and the machine's bounds.
  std::string str() const;
};

/// Runs `steps` steps on what is in the context's inputs, and puts every variable that they write
/// back to what it was.
Profile profile_program(Program::Context& context, int steps);

}  // namespace banach
