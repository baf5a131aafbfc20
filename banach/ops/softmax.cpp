#include <banach/core/errors.hpp>
#include <banach/ops/check_inputs.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/softmax.hpp>

#include <fmt/format.h>
#include <numeric>

namespace banach {
namespace {

Shape rows_of(const Tensor& x) { return x.shape().slice(0, x.rank() - 1); }

void check_classes(const std::string& name, const Tensor& targets, const Tensor& scores,
                   bool sparse) {
  check_same_dtype(name, {targets, scores}, 2);
  const Shape expected = sparse ? rows_of(scores) : scores.shape();
  if (scores.rank() == 0 || targets.shape() != expected) {
    throw InvalidArgument(fmt::format(
        "{}{} expected targets of shape {} for predictions of shape {}, received {}. {}",
        NameScope::tag(), name, expected.str(), scores.shape().str(), targets.shape().str(),
        sparse ? "Class numbers have one axis less than the predictions."
               : "Use utils::to_categorical on class numbers, or the sparse form."));
  }
}

}  // namespace

std::vector<TensorSpec> SoftmaxOp::infer(const Tensors& inputs) const { return {inputs[0].spec()}; }

Tensors SoftmaxOp::vjp(const Tensors&, const Tensors& outputs, const Tensors& dy) const {
  return {make_node<SoftmaxGradOp>({dy[0], outputs[0]})};
}

std::vector<TensorSpec> SoftmaxGradOp::infer(const Tensors& inputs) const {
  check_same_dtype(name(), inputs, 2);
  return {inputs[0].spec()};
}

std::vector<TensorSpec> SoftmaxCrossentropyOp::infer(const Tensors& inputs) const {
  check_classes(name(), inputs[1], inputs[0], sparse);
  const TensorSpec rows{rows_of(inputs[0]), inputs[0].dtype()};
  std::vector<TensorSpec> outputs = {rows, inputs[0].spec()};
  if (matches) outputs.push_back(rows);
  return outputs;
}

Tensors SoftmaxCrossentropyOp::vjp(const Tensors& inputs, const Tensors& outputs,
                                   const Tensors& dy) const {
  Tensor dlogits;
  if (dy[0]) {
    dlogits = make_node<SoftmaxCrossentropyGradOp>({dy[0], outputs[1], inputs[1]}, sparse);
  }
  if (dy[1]) {  // somebody uses the probabilities too
    const Tensor through = make_node<SoftmaxGradOp>({dy[1], outputs[1]});
    dlogits = dlogits ? dlogits + through : through;
  }
  return {dlogits, Tensor()};
}

Tensors SoftmaxCrossentropyOp::lower(const Tensors& inputs) const {
  const Tensor& logits = inputs[0];
  const Tensor targets = sparse ? ops::one_hot(inputs[1], logits.dim(-1)) : inputs[1];
  const Tensor probabilities = ops::softmax(logits);
  Tensors outputs = {ops::negative(ops::sum(targets * ops::log(probabilities), {-1})),
                     probabilities};
  if (matches) {
    outputs.push_back(make_node<CategoricalMatchOp>({inputs[1], probabilities}, sparse));
  }
  return outputs;
}

std::vector<TensorSpec> SoftmaxCrossentropyGradOp::infer(const Tensors& inputs) const {
  check_same_dtype(name(), inputs, 3);
  return {inputs[1].spec()};
}

std::vector<TensorSpec> CategoricalMatchOp::infer(const Tensors& inputs) const {
  check_classes(name(), inputs[0], inputs[1], sparse);
  return {{rows_of(inputs[1]), inputs[1].dtype()}};
}

std::vector<TensorSpec> OneHotOp::infer(const Tensors& inputs) const {
  return {{inputs[0].shape().concat({classes}), inputs[0].dtype()}};
}

Tensor ops::softmax(const Tensor& x, int axis) {
  axis = x.shape().normalize(axis);
  if (axis == x.rank() - 1) return make_node<SoftmaxOp>({x});
  std::vector<int> order(static_cast<std::size_t>(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[axis], order.back());
  return transpose(softmax(transpose(x, order)), order);
}

Tensor ops::one_hot(const Tensor& labels, std::int64_t classes) {
  return make_node<OneHotOp>({labels}, classes);
}

Tensor ops::softmax_crossentropy(const Tensor& targets, const Tensor& logits) {
  return make_node<SoftmaxCrossentropyOp>({logits, targets}, false);
}

Tensor ops::sparse_softmax_crossentropy(const Tensor& labels, const Tensor& logits) {
  return make_node<SoftmaxCrossentropyOp>({logits, labels}, true);
}

Tensor ops::categorical_match(const Tensor& targets, const Tensor& predictions) {
  return make_node<CategoricalMatchOp>({targets, predictions}, false);
}

Tensor ops::sparse_categorical_match(const Tensor& labels, const Tensor& predictions) {
  return make_node<CategoricalMatchOp>({labels, predictions}, true);
}

}  // namespace banach
