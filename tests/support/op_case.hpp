#pragma once

#include <banach/core/array.hpp>
#include <banach/graph/tape.hpp>

#include <functional>
#include <string>
#include <vector>

namespace banach::testing {

/// What an input of a case is filled with.
enum class Fill {
  normal,          // N(0, 1)
  away_from_zero,  // N(0, 1) pushed out to |x| >= 0.2: kinks at 0 are not differentiated
  positive,        // in (0.5, 2)
  distinct,        // all different by at least 0.01: maxima are not differentiated at ties
  distribution,    // rows that sum to 1
  labels,          // class numbers 0, 1, 2
  weights          // in (0, 2), some of them 0
};

struct OpInput {
  Shape shape;
  Fill fill = Fill::normal;
  bool differentiable = true;
};

/// One line of the shared list of cases: it checks every backend against the reference, gradients
/// against central differences and fused against plain nodes, and is what the benchmarks time.
struct OpCase {
  std::string name;
  std::vector<OpInput> inputs;
  std::function<Tensors(const Tensors& inputs)> build;
};

/// Every op has a case here; see tests/ops/op_coverage_test.cpp.
const std::vector<OpCase>& op_cases();

/// Values for the inputs of a case, float64, the same for the same seed.
std::vector<Array> case_inputs(const OpCase& op_case, std::uint64_t seed);

}  // namespace banach::testing
