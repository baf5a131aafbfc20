#include <banach/backend/cpu/rows.hpp>
#include <banach/backend/kernel_rows.hpp>
#include <banach/core/simd_targets.hpp>

#include <algorithm>

namespace banach::cpu {

std::vector<KernelRow> all_rows() {
  return join_rows({matmul_rows(), depthwise_rows(), convolution_rows(), elementwise_rows(),
                    shape_rows(), reduce_rows(), pooling_rows(), upsampling_rows(), softmax_rows(),
                    normalization_rows(), dropout_rows(), epilogue_rows(), update_rows()});
}

bool is_float32(const Node& node, std::size_t first) {
  for (std::size_t i = first; i < node.inputs.size(); ++i) {
    if (node.inputs[i].dtype() != float32) return false;
  }
  return std::ranges::all_of(node.outputs, [](const TensorSpec& s) { return s.dtype == float32; });
}

bool is_bfloat16(const Node& node, std::size_t count) {
  return std::all_of(node.inputs.begin(), node.inputs.begin() + static_cast<std::ptrdiff_t>(count),
                     [](const Tensor& x) { return x.dtype() == bfloat16; });
}

std::string simd_implementation() { return "simd:" + simd_target_name(); }

}  // namespace banach::cpu
