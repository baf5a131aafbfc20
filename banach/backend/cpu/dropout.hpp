#pragma once

#include <banach/core/philox.hpp>

#include <cstdint>

namespace banach::cpu {

/// banach::DropoutParameters in the kernel's types.
struct DropoutArguments {
  std::uint32_t threshold = 0;  // dropout_threshold(rate)
  float a = 1, b = 0, c = 0;
  Philox::Key key{};
};

/// y = kept ? a x + b : c for x and y (rows, row_size), with the bits of dropout_bits(key, step,
/// row, element) in ops/dropout.hpp. y may be x.
void dropout(float* y, const float* x, std::int64_t rows, std::int64_t row_size, std::int64_t step,
             const DropoutArguments& arguments);

}  // namespace banach::cpu
