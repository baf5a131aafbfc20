#include <banach/backend/cuda/rows.hpp>

#include <algorithm>

namespace banach::cuda {

std::vector<KernelRow> all_rows() {
  return join_rows({elementwise_rows(), shape_rows(), slice_rows(), reduce_rows(), matmul_rows(),
                    convolution_rows(), pooling_rows(), upsampling_rows(), softmax_rows(),
                    normalization_rows(), dropout_rows(), epilogue_rows(), update_rows(),
                    loss_scale_rows()});
}

bool accepts_any_floating(const Node& node) {
  const DType dtype = node.outputs[0].dtype;
  return is_floating(dtype) && std::ranges::all_of(node.inputs, [&](const Tensor& x) {
           return x.dtype() == dtype || !is_floating(x.dtype());
         });
}

}  // namespace banach::cuda
