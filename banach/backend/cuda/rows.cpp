#include <banach/backend/cuda/rows.hpp>

#include <algorithm>

namespace banach::cuda {

std::vector<KernelRow> all_rows() {
  std::vector<KernelRow> rows;
  for (const auto& table :
       {elementwise_rows(), shape_rows(), slice_rows(), reduce_rows(), matmul_rows(),
        convolution_rows(), pooling_rows(), upsampling_rows(), softmax_rows(), normalization_rows(),
        dropout_rows(), epilogue_rows(), update_rows()}) {
    rows.insert(rows.end(), table.begin(), table.end());
  }
  return rows;
}

bool accepts_floating(const Node& node) {
  const auto is_half = [](DType dtype) { return dtype == bfloat16; };
  return is_floating(node.outputs[0].dtype) && !is_half(node.outputs[0].dtype) &&
         std::ranges::none_of(node.inputs, is_half, [](const Tensor& x) { return x.dtype(); });
}

}  // namespace banach::cuda
