#pragma once

// The cpu backend's tables: our own kernels for float32. What no row accepts falls to the reference
// backend. Each table is in <family>_rows.cpp; the kernels it prepares know no nodes.

#include <banach/backend/backend.hpp>
#include <banach/backend/cpu/epilogue.hpp>
#include <banach/backend/cpu/gemm.hpp>
#include <banach/ops/epilogue.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace banach::cpu {

std::span<const KernelRow> matmul_rows();
std::span<const KernelRow> depthwise_rows();
std::span<const KernelRow> convolution_rows();
std::span<const KernelRow> elementwise_rows();
std::span<const KernelRow> shape_rows();
std::span<const KernelRow> reduce_rows();
std::span<const KernelRow> pooling_rows();
std::span<const KernelRow> upsampling_rows();
std::span<const KernelRow> softmax_rows();
std::span<const KernelRow> normalization_rows();
std::span<const KernelRow> dropout_rows();
std::span<const KernelRow> epilogue_rows();
std::span<const KernelRow> update_rows();

/// All of them.
std::vector<KernelRow> all_rows();

/// Whether all inputs from `first` on and all outputs are float32.
bool is_float32(const Node& node, std::size_t first = 0);
/// Whether the first `count` inputs are bfloat16.
bool is_bfloat16(const Node& node, std::size_t count);
inline bool accepts_float32(const Node& node) { return is_float32(node); }

/// Whether a convolution with kernel w gives each channel filters of its own.
bool is_depthwise(std::int64_t groups, const Shape& w);

/// "simd:avx2": the instruction set that the SIMD kernels run with here.
std::string simd_implementation();
/// Of op(a) op(b), where op transposes or not.
GemmShape product_shape(const Shape& a, const Shape& b, bool transpose_a, bool transpose_b);

/// The kernels' name of an activation, if they have it.
std::optional<Activation> find_activation(std::string_view name);

/// An epilogue with the pointers of its op's inputs (bias and step from 2 on) and the shape of its
/// result, whose axes between the first and the last are rows of a sample.
EpilogueArguments epilogue_arguments(const Epilogue& epilogue, const Shape& result,
                                     const Views& in);
/// Whether a matmul or convolution with this epilogue is float32 and its activation known here.
bool accepts_product(const Node& node, const Epilogue& epilogue);

}  // namespace banach::cpu
