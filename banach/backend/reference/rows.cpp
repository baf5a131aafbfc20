#include <banach/backend/reference/reference.hpp>

namespace banach::reference {

std::vector<KernelRow> all_rows() {
  std::vector<KernelRow> rows;
  for (const auto& table : {elementwise_rows(), shape_rows(), reduce_rows(), matmul_rows(),
                            convolution_rows(), pooling_rows(), softmax_rows(),
                            normalization_rows(), dropout_rows(), epilogue_rows(), update_rows()}) {
    rows.insert(rows.end(), table.begin(), table.end());
  }
  return rows;
}

}  // namespace banach::reference
