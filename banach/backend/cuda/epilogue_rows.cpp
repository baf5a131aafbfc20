#include <banach/backend/cuda/epilogue.hpp>
#include <banach/backend/cuda/rows.hpp>
#include <banach/ops/epilogue.hpp>

namespace banach::cuda {
namespace {

bool accepts_grad(const Node& node) {
  const auto& op = static_cast<const EpilogueGradOp&>(*node.op);
  const DType dtype = node.inputs[0].dtype();
  return is_floating(dtype) && node.inputs[1].dtype() == dtype &&
         accepts_epilogue(node, op.epilogue, dtype);
}

template <class T>
Prepared prepare_grad_of(const Node& node) {
  const std::int64_t columns = node.outputs[1].shape.size();
  const std::int64_t rows = columns == 0 ? 0 : node.outputs[0].shape.size() / columns;
  return {"cuda",
          epilogue_grad_scratch_bytes(rows, columns),
          {0, -1},
          [=, op = node.op](const Views& in, const Views& out, std::byte* scratch) {
            const Epilogue& epilogue = static_cast<const EpilogueGradOp&>(*op).epilogue;
            return Kernel([=, e = epilogue_arguments(epilogue, in[1].spec.shape, {}),
                           dx = out[0].as<T>(), dbias = out[1].as<T>(), dz = in[0].as<T>(),
                           z = in[1].as<T>()] {
              return epilogue_grad(dx, dbias, dz, z, rows, columns, e, scratch);
            });
          }};
}

Prepared prepare_grad(const Node& node) {
  return visit_floating(node.outputs[0].dtype, [&]<class T>() { return prepare_grad_of<T>(node); });
}

constexpr KernelRow kRows[] = {{"epilogue_grad", accepts_grad, prepare_grad}};

}  // namespace

EpilogueArguments epilogue_arguments(const Epilogue& epilogue, const Shape& result,
                                     const Views& in) {
  EpilogueArguments e;
  if (epilogue.bias && in.size() > 2) e.bias = in[2].data;
  e.activation = epilogue.activation;
  e.parameters = epilogue.parameters;
  for (int axis = 1; axis + 1 < result.rank(); ++axis) e.rows_per_sample *= result[axis];
  if (!epilogue.alpha_dropout) return e;
  const DropoutParameters& p = *epilogue.alpha_dropout;
  e.dropout = true;
  e.threshold = dropout_threshold(p.rate);
  e.a = p.a;
  e.b = p.b;
  e.c = p.c;
  e.key = p.key;
  if (!in.empty()) e.step = in.back().as<std::int64_t>();
  return e;
}

bool accepts_epilogue(const Node& node, const Epilogue& epilogue, DType dtype) {
  const bool bias = epilogue.bias && node.inputs.size() > 2;  // the gradient does not take it
  return (!bias || node.inputs[2].dtype() == dtype) &&
         (epilogue.activation == "linear" || is_epilogue_activation(epilogue.activation));
}

std::span<const KernelRow> epilogue_rows() { return kRows; }

}  // namespace banach::cuda
