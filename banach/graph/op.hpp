#pragma once

#include <banach/graph/tensor.hpp>

#include <string>
#include <vector>

namespace banach {

/// One kind of operation with its attributes as members; immutable and shared between nodes.
class Op {
 public:
  virtual ~Op() = default;

  /// The row of the backends' kernel tables, such as "conv2d".
  virtual std::string name() const = 0;
  /// Shapes and dtypes of the outputs; InvalidArgument for inputs that do not fit.
  virtual std::vector<TensorSpec> infer(const Tensors& inputs) const = 0;
  /// Gradients of a scalar with respect to the inputs, one each, from those of the outputs (`dy`,
  /// where an empty Tensor means zero). An empty result means that nothing flows.
  virtual Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const;
  /// The same values out of simpler ops, for a backend without a kernel; empty when there is none.
  virtual Tensors lower(const Tensors& inputs) const;
  /// Attributes for dumps, such as "strides=2x2"; part of the op's meaning.
  virtual std::string attributes() const { return ""; }
  /// True when the output is the input's memory in another shape.
  virtual bool is_view() const { return false; }
  /// True for the nodes of a functional model (layers/symbolic.hpp): they stand for calls of layers
  /// on batches of unknown size, and only layers take their outputs.
  virtual bool is_symbolic() const { return false; }
};

/// Makes a node in the current name scope; its outputs.
Tensors add_node(std::shared_ptr<const Op> op, Tensors inputs);

/// The only output of a new node: `make_node<ReshapeOp>({x}, shape)`.
template <class T, class... Args>
Tensor make_node(Tensors inputs, Args&&... args) {
  return add_node(std::make_shared<T>(std::forward<Args>(args)...), std::move(inputs)).front();
}

}  // namespace banach
