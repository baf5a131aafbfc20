#include <banach/backend/cpu/gemm.hpp>
#include <banach/backend/cpu/rows.hpp>
#include <banach/ops/matmul.hpp>

namespace banach::cpu {
namespace {

bool accepts_matmul(const Node& node) {
  const auto& op = static_cast<const MatmulOp&>(*node.op);
  return accepts_product(node, op.epilogue);
}

Prepared prepare_matmul(const Node& node) {
  const auto& op = static_cast<const MatmulOp&>(*node.op);
  const Shape &a = node.inputs[0].shape(), &c = node.outputs[0].shape;
  const GemmShape shape{c[0], c[1], a[op.transpose_a ? 0 : 1], op.transpose_a, op.transpose_b};
  return {gemm_implementation(),
          gemm_scratch_bytes(shape),
          {},
          [=, op = node.op](const Views& in, const Views& out, std::byte* scratch) {
            const auto& matmul = static_cast<const MatmulOp&>(*op);
            return Kernel([=, e = epilogue_arguments(matmul.epilogue, out[0].spec.shape, in),
                           c = out[0].as<float>(), a = in[0].as<float>(),
                           b = in[1].as<float>()] { gemm(c, a, b, shape, e, scratch); });
          }};
}

constexpr KernelRow kRows[] = {{"matmul", accepts_matmul, prepare_matmul},
                               {"fused_matmul", accepts_matmul, prepare_matmul}};

}  // namespace

bool accepts_product(const Node& node, const Epilogue& epilogue) {
  // the only other type is that of the step of the dropout, the last input
  for (std::size_t i = 0; i < (epilogue.bias ? 3 : 2); ++i) {
    if (node.inputs[i].dtype() != float32) return false;
  }
  return node.outputs[0].dtype == float32 && find_activation(epilogue.activation).has_value();
}

std::span<const KernelRow> matmul_rows() { return kRows; }

}  // namespace banach::cpu
