#pragma once

#include <banach/core/bfloat16.hpp>
#include <banach/core/philox.hpp>

#include <cstddef>
#include <cstdint>

namespace banach::cpu {

/// The activations a kernel can apply to a result before storing it.
enum class Activation { linear, relu, relu6, selu, elu, sigmoid, tanh, exponential };

/// banach::Epilogue with final pointers: x + bias, activation, AlphaDropout (see ops/dropout.hpp).
struct EpilogueArguments {
  const float* bias = nullptr;  // (columns,) or null
  Activation activation = Activation::linear;
  float alpha = 0, scale = 0;
  bool dropout = false;
  std::uint32_t threshold = 0;  // dropout_threshold(rate)
  float a = 1, b = 0, c = 0;
  Philox::Key key{};
  const std::int64_t* step = nullptr;
  std::int64_t rows_per_sample = 1;  // matrix rows that make up one row of axis 0: H' W' of a conv
};

/// Applies the epilogue to rows [row_begin, row_end) and columns [column_begin, column_end) of a
/// (rows, columns) matrix with row stride `columns`, in place. Serial: called per finished block.
/// With dropout, blocks should span all columns or a multiple of 128 from a multiple of 128 on:
/// random bits come 128 elements or more at a time.
void apply_epilogue(float* c, std::int64_t columns, std::int64_t row_begin, std::int64_t row_end,
                    std::int64_t column_begin, std::int64_t column_end,
                    const EpilogueArguments& epilogue);

/// Bytes of scratch that epilogue_grad needs.
std::size_t epilogue_grad_scratch_bytes(std::int64_t rows, std::int64_t columns);
/// dx (rows, columns) and dbias (columns,), its sum over rows, from dz and z (rows, columns), where
/// z is the result of the epilogue: dx = dz a f'(y) with y = (z - b) / a, and 0 where z was
/// dropped. dx may be dz. Takes no notice of bias, threshold, key and step.
void epilogue_grad(float* dx, float* dbias, const float* dz, const float* z, std::int64_t rows,
                   std::int64_t columns, const EpilogueArguments& epilogue, std::byte* scratch);
void epilogue_grad(BFloat16* dx, float* dbias, const BFloat16* dz, const BFloat16* z,
                   std::int64_t rows, std::int64_t columns, const EpilogueArguments& epilogue,
                   std::byte* scratch);

/// The same for rows [row_begin, row_end) and columns [column_begin, column_end) of dx and z, in
/// place. The sums of each `summed_rows` rows come into `sums` (rows / summed_rows rounded up,
/// columns). Serial; blocks of the same rows and columns come in order, from one thread.
void epilogue_grad_block(float* dx, float* sums, const float* z, std::int64_t columns,
                         std::int64_t row_begin, std::int64_t row_end, std::int64_t column_begin,
                         std::int64_t column_end, std::int64_t summed_rows,
                         const EpilogueArguments& epilogue);
/// dbias (channels,) from such sums (count, columns), whose column j is one of channel j %
/// channels; overwrites them.
void add_block_sums(float* dbias, std::int64_t channels, float* sums, std::int64_t count,
                    std::int64_t columns);

}  // namespace banach::cpu
