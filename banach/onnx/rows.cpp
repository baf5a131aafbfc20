#include <banach/onnx/rows.hpp>

#include <algorithm>

namespace banach::onnx {

const Row* find_row(std::string_view op, int opset) {
  for (const auto rows : {elementwise_rows(), image_rows(), shape_rows(), sum_rows()}) {
    const auto row = std::ranges::find(rows, op, &Row::op);
    if (row != rows.end()) return row->since <= opset ? &*row : nullptr;
  }
  return nullptr;
}

}  // namespace banach::onnx
