#include <banach/backend/cpu/convert.hpp>
#include <banach/backend/cpu/gemm.hpp>
#include <banach/backend/cpu/gemm_bf16.hpp>
#include <banach/backend/cpu/gemm_tile.hpp>
#include <banach/backend/cpu/rows.hpp>
#include <banach/ops/matmul.hpp>

namespace banach::cpu {
namespace {

bool accepts_matmul(const Node& node) {
  const auto& op = static_cast<const MatmulOp&>(*node.op);
  return accepts_product(node, op.epilogue);
}

GemmShape gemm_shape(const Node& node) {
  const auto& op = static_cast<const MatmulOp&>(*node.op);
  return product_shape(node.inputs[0].shape(), node.inputs[1].shape(), op.transpose_a,
                       op.transpose_b);
}

Prepared prepare_matmul(const Node& node) {
  const GemmShape shape = gemm_shape(node);
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

bool accepts_bf16(const Node& node) {
  const Epilogue& epilogue = static_cast<const MatmulOp&>(*node.op).epilogue;
  return is_bfloat16(node, epilogue.bias ? 3 : 2) && has_bf16_products() &&
         gemm_shape(node).k > 0 && find_activation(epilogue.activation).has_value();
}

template <class T>
Prepared prepare_bf16_to(const Node& node) {
  const GemmShape shape = gemm_shape(node);
  const Epilogue& epilogue = static_cast<const MatmulOp&>(*node.op).epilogue;
  const std::size_t bias_bytes = epilogue.bias ? aligned_bytes(shape.n) : 0;
  const bool to_bfloat16 = std::is_same_v<T, BFloat16>;
  return {
      gemm_bf16_implementation(),
      bias_bytes + gemm_bf16_scratch_bytes(shape, to_bfloat16, !epilogue.is_empty()),
      {},
      [=, op = node.op](const Views& in, const Views& out, std::byte* scratch) {
        const auto& matmul = static_cast<const MatmulOp&>(*op);
        EpilogueArguments e = epilogue_arguments(matmul.epilogue, out[0].spec.shape, in);
        auto* bias = reinterpret_cast<float*>(scratch);
        const BFloat16* narrow_bias = e.bias == nullptr ? nullptr : in[2].as<BFloat16>();
        if (narrow_bias != nullptr) e.bias = bias;
        return Kernel([=, c = out[0].as<T>(), a = in[0].as<BFloat16>(), b = in[1].as<BFloat16>()] {
          if (narrow_bias != nullptr) convert(bias, narrow_bias, shape.n);
          gemm_bf16(c, a, b, shape, e, scratch + bias_bytes);
        });
      }};
}

Prepared prepare_bf16(const Node& node) {
  return node.outputs[0].dtype == float32 ? prepare_bf16_to<float>(node)
                                          : prepare_bf16_to<BFloat16>(node);
}

GemmShape epilogue_grad_shape(const Node& node) {
  const auto& op = static_cast<const MatmulEpilogueGradOp&>(*node.op);
  return product_shape(node.inputs[0].shape(), node.inputs[1].shape(), op.transpose_a,
                       op.transpose_b);
}

// A row of the product is whole pixels of z.
bool accepts_epilogue_grad(const Node& node) {
  const auto& op = static_cast<const MatmulEpilogueGradOp&>(*node.op);
  const GemmShape shape = epilogue_grad_shape(node);
  const std::int64_t channels = node.outputs[1].shape.size();
  const bool whole = channels > 0 && shape.n % channels == 0;
  return whole && !is_gemv(shape) && is_float32(node) &&
         find_activation(op.epilogue.activation).has_value();
}

Prepared prepare_epilogue_grad(const Node& node) {
  const GemmShape shape = epilogue_grad_shape(node);
  return {gemm_implementation(),
          gemm_epilogue_grad_scratch_bytes(shape),
          {},
          [=, op = node.op](const Views& in, const Views& out, std::byte* scratch) {
            const Epilogue& epilogue = static_cast<const MatmulEpilogueGradOp&>(*op).epilogue;
            const BackwardEpilogue g{out[0].as<float>(), out[1].as<float>(), in[2].as<float>(),
                                     out[1].size(),
                                     epilogue_arguments(epilogue, in[2].spec.shape, {})};
            return Kernel([=, a = in[0].as<float>(), b = in[1].as<float>()] {
              gemm_epilogue_grad(g, a, b, shape, scratch);
            });
          }};
}

constexpr KernelRow kRows[] = {
    {"matmul_epilogue_grad", accepts_epilogue_grad, prepare_epilogue_grad},
    {"matmul", accepts_matmul, prepare_matmul},
    {"matmul", accepts_bf16, prepare_bf16},
    {"fused_matmul", accepts_matmul, prepare_matmul},
    {"fused_matmul", accepts_bf16, prepare_bf16}};

}  // namespace

bool accepts_product(const Node& node, const Epilogue& epilogue) {
  // the only other type is that of the step of the dropout, the last input
  for (std::size_t i = 0; i < (epilogue.bias ? 3 : 2); ++i) {
    if (node.inputs[i].dtype() != float32) return false;
  }
  return node.outputs[0].dtype == float32 && find_activation(epilogue.activation).has_value();
}

GemmShape product_shape(const Shape& a, const Shape& b, bool transpose_a, bool transpose_b) {
  return {a[transpose_a ? 1 : 0], b[transpose_b ? 0 : 1], a[transpose_a ? 0 : 1], transpose_a,
          transpose_b};
}

std::span<const KernelRow> matmul_rows() { return kRows; }

}  // namespace banach::cpu
