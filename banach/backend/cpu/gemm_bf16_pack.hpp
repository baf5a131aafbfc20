#pragma once

#include <banach/core/bfloat16.hpp>

#include <cstdint>

namespace banach::cpu {

/// Two steps of a sum of products side by side: what the instructions for bfloat16 multiply.
using Pair = std::uint32_t;

/// Both operands of a product as pairs. A matrix has its steps along its rows (`by_rows`: element
/// (step, i) at step * stride + i) or along its columns (i * stride + step).
struct PairSource {
  const BFloat16* data;
  std::int64_t stride;
  bool by_rows;
  std::int64_t steps;  // an odd one's last pair has a zero
};

/// to[p * width + i] = pair `first` + p of element begin + i, for `pairs` pairs and `count`
/// elements.
void pack_pairs(Pair* to, std::int64_t width, const PairSource& from, std::int64_t first,
                std::int64_t pairs, std::int64_t begin, std::int64_t count);

/// to[i * width + p] = the same, the other way round; zeros follow up to p = `width`, a multiple of
/// 16.
void pack_elements(Pair* to, std::int64_t width, const PairSource& from, std::int64_t first,
                   std::int64_t pairs, std::int64_t begin, std::int64_t count);

}  // namespace banach::cpu
