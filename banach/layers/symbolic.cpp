#include <banach/core/errors.hpp>
#include <banach/layers/symbolic.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {

bool is_symbolic(const Tensors& tensors) {
  const auto symbolic =
      std::ranges::count_if(tensors, [](const Tensor& t) { return t && t.op().is_symbolic(); });
  if (symbolic == 0 || static_cast<std::size_t>(symbolic) == tensors.size()) return symbolic > 0;
  throw InvalidArgument(
      fmt::format("{}received tensors of a functional model together with others, which is a call "
                  "inside and outside of a trace at once",
                  NameScope::tag()));
}

Tensors call_symbolically(Layer& layer, const Tensors& inputs) {
  std::vector<TensorSpec> specs;
  for (const Tensor& input : inputs) specs.push_back(input.spec());
  return add_node(std::make_shared<LayerCallOp>(layer.clone(), layer.compute_output_specs(specs)),
                  inputs);
}

const LayerCallOp& layer_call(const Tensor& tensor) {
  if (const auto* call = tensor ? op_cast<LayerCallOp>(tensor.node()) : nullptr) return *call;
  throw InvalidArgument(
      "expected a tensor of a functional model: what Input() gives, or a layer for such a tensor");
}

}  // namespace banach
