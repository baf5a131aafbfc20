#include <banach/backend/reference/reference.hpp>

namespace banach::reference {

std::vector<KernelRow> all_rows() {
  return join_rows({elementwise_rows(), shape_rows(), slice_rows(), reduce_rows(), matmul_rows(),
                    convolution_rows(), pooling_rows(), upsampling_rows(), softmax_rows(),
                    normalization_rows(), dropout_rows(), epilogue_rows(), update_rows()});
}

}  // namespace banach::reference
