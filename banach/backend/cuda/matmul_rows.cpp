#include <banach/backend/cuda/epilogue.hpp>
#include <banach/backend/cuda/matmul.hpp>
#include <banach/backend/cuda/rows.hpp>
#include <banach/ops/matmul.hpp>

namespace banach::cuda {
namespace {

// One type throughout, but that halves may give float32.
bool accepts_matmul(const Node& node) {
  const auto& op = static_cast<const MatmulOp&>(*node.op);
  const DType from = node.inputs[0].dtype(), to = node.outputs[0].dtype;
  const bool types = to == from || (is_half(from) && to == float32);
  return is_floating(from) && types && node.inputs[1].dtype() == from &&
         accepts_epilogue(node, op.epilogue, from);
}

MatmulShape matmul_shape(const Node& node) {
  const auto& op = static_cast<const MatmulOp&>(*node.op);
  const Shape &a = node.inputs[0].shape(), &c = node.outputs[0].shape;
  return {c[0], c[1], a[op.transpose_a ? 0 : 1], op.transpose_a, op.transpose_b};
}

template <class To, class From>
Prepared prepare_types(const Node& node) {
  const MatmulShape shape = matmul_shape(node);
  const auto matmul = prepare_matmul<To, From>(shape);
  return {matmul.implementation,
          matmul.scratch_bytes,
          {},
          [=, op = node.op](const Views& in, const Views& out, std::byte* scratch) {
            const Epilogue& epilogue = static_cast<const MatmulOp&>(*op).epilogue;
            To* c = out[0].as<To>();
            Kernel product = matmul.bind(c, in[0].as<From>(), in[1].as<From>(), scratch);
            if (epilogue.is_empty()) return product;
            return Kernel([product = std::move(product), c, shape,
                           e = epilogue_arguments(epilogue, out[0].spec.shape, in)]() -> Status {
              const Status status = product();
              return status != 0 ? status : apply_epilogue<From>(c, shape.m, shape.n, e);
            });
          }};
}

Prepared prepare(const Node& node) {
  const DType from = node.inputs[0].dtype(), to = node.outputs[0].dtype;
  return visit_floating(from, [&]<class From>() {
    using Wide = std::conditional_t<std::is_same_v<From, double>, double, float>;
    return to == from ? prepare_types<From, From>(node) : prepare_types<Wide, From>(node);
  });
}

constexpr KernelRow kRows[] = {{"matmul", accepts_matmul, prepare},
                               {"fused_matmul", accepts_matmul, prepare}};

}  // namespace

std::span<const KernelRow> matmul_rows() { return kRows; }

}  // namespace banach::cuda
