#pragma once

#include <banach/graph/tensor.hpp>

#include <cstddef>
#include <string>

namespace banach {

// What Op::infer asks of an op's inputs, since kernels check nothing. InvalidArgument names the
// layer and the op.

/// That the first `count` inputs, or all if they are fewer, have one dtype.
void check_same_dtype(const std::string& op, const Tensors& inputs, std::size_t count);

/// That an input, here called `what`, has this shape and dtype.
void check_spec(const std::string& op, const char* what, const Tensor& input,
                const TensorSpec& expected);

}  // namespace banach
