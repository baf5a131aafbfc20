#pragma once

#include <banach/core/array.hpp>
#include <banach/graph/tensor.hpp>

namespace banach {

/// The value of a tensor that depends on no input: constants and variables through ops.
Array eval(const Tensor& tensor);

}  // namespace banach
