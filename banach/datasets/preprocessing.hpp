#pragma once

#include <banach/core/array.hpp>

#include <cstdint>
#include <optional>

namespace banach::utils {

/// One-hot rows: labels of shape (..., n) or (..., n, 1) give (..., n, num_classes), 1 at the label
/// and 0 elsewhere; `num_classes` defaults to the largest label + 1. The result is float32, where
/// Keras gives NumPy input float64: half the memory, and what models take. InvalidArgument for
/// labels that are no integers or outside [0, num_classes). (keras/src/utils/numerical_utils.py)
Array to_categorical(const Array& x, std::optional<std::int64_t> num_classes = {});

}  // namespace banach::utils
