#pragma once

#include <banach/backend/backend.hpp>
#include <tests/support/op_case.hpp>

namespace banach::testing {

/// The tape of a case on inputs of this dtype; with `gradients`, its outputs are the gradients of
/// sum(output * cotangent) with respect to the differentiable inputs.
Tape case_tape(const OpCase& op_case, DType dtype, bool gradients);

/// Runs a tape on these inputs; what it gives.
std::vector<Array> run_tape(const Tape& tape, const std::vector<Array>& inputs,
                            const BackendPtr& backend);

/// A backend in float32 and bfloat16 against the reference in float64: values and gradients, plain
/// and fused.
void check_backend(const OpCase& op_case, const BackendPtr& backend);

/// The harness of every op: check_backend of the cpu, and the reference's gradients against central
/// differences.
void check_op(const OpCase& op_case);

}  // namespace banach::testing
