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

/// Elements of a row that one thread drops in one go: two superblocks (ops/dropout_bits.hpp), whose
/// random bits are made side by side.
inline constexpr std::int64_t kDropoutPart = 256;

inline std::int64_t num_dropout_parts(std::int64_t row_size) {
  return (row_size + kDropoutPart - 1) / kDropoutPart;
}

/// y = kept ? a x + b : c for x and y (rows, row_size), with the bits of dropout_bits(key, step,
/// row, element) in ops/dropout_bits.hpp. y may be x.
void dropout(float* y, const float* x, std::int64_t rows, std::int64_t row_size, std::int64_t step,
             const DropoutArguments& arguments);

}  // namespace banach::cpu
