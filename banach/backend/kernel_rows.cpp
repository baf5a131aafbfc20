#include <banach/backend/kernel_rows.hpp>

#include <algorithm>

namespace banach {

std::vector<KernelRow> join_rows(std::initializer_list<std::span<const KernelRow>> tables) {
  std::vector<KernelRow> rows;
  for (const auto& table : tables) rows.insert(rows.end(), table.begin(), table.end());
  return rows;
}

bool accepts_floating(const Node& node) {
  return is_floating(node.outputs[0].dtype) && !is_half(node.outputs[0].dtype) &&
         std::ranges::none_of(node.inputs, is_half, &Tensor::dtype);
}

}  // namespace banach
