#include <banach/core/errors.hpp>
#include <banach/ops/check_inputs.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <numeric>

namespace banach {
namespace {

Shape reduced(const Shape& shape, const std::vector<int>& axes, bool keepdims) {
  Shape result;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const bool gone = std::ranges::find(axes, axis) != axes.end();
    if (!gone) result.push_back(shape[axis]);
    if (gone && keepdims) result.push_back(1);
  }
  return result;
}

// The axes [0, count).
std::vector<int> first_axes(int count) {
  std::vector<int> axes(static_cast<std::size_t>(count));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

// All axes when none is given; sorted, none negative.
std::vector<int> normalized(const ops::Axes& axes, const Shape& shape) {
  if (axes.is_empty()) return first_axes(shape.rank());
  std::vector<int> result = axes.values();
  for (int& axis : result) axis = shape.normalize(axis);
  std::ranges::sort(result);
  return result;
}

// The mean, from the sum of as many values of x each.
Tensor divide_by_count(const Tensor& total, const Tensor& x) {
  const auto count = static_cast<double>(x.shape().size()) /
                     static_cast<double>(std::max<std::int64_t>(total.shape().size(), 1));
  return total / count;
}

void check_weights(const char* name, const Tensors& inputs, std::size_t values) {
  if (inputs.size() > values + 1 && inputs[values + 1].shape() != inputs[values].shape()) {
    throw InvalidArgument(fmt::format(
        "{}{} expected one weight a value: values of shape {}, received weights of shape {}",
        NameScope::tag(), name, inputs[values].shape().str(), inputs[values + 1].shape().str()));
  }
}

}  // namespace

std::string SumOp::attributes() const { return fmt::format("axes={}", axes); }

std::vector<TensorSpec> SumOp::infer(const Tensors& inputs) const {
  return {{reduced(inputs[0].shape(), axes, keepdims), inputs[0].dtype()}};
}

Tensors SumOp::vjp(const Tensors& inputs, const Tensors&, const Tensors& dy) const {
  const Shape& shape = inputs[0].shape();
  return {ops::broadcast_to(ops::reshape(dy[0], reduced(shape, axes, true)), shape)};
}

std::string MaxOp::attributes() const { return fmt::format("axes={}", axes); }

std::vector<TensorSpec> MaxOp::infer(const Tensors& inputs) const {
  return {{reduced(inputs[0].shape(), axes, keepdims), inputs[0].dtype()}};
}

Tensors MaxOp::vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const {
  return {make_node<MaxGradOp>({dy[0], inputs[0], outputs[0]}, axes)};
}

std::string MaxGradOp::attributes() const { return fmt::format("axes={}", axes); }

std::vector<TensorSpec> MaxGradOp::infer(const Tensors& inputs) const { return {inputs[1].spec()}; }

std::vector<TensorSpec> WeightedMeanOp::infer(const Tensors& inputs) const {
  check_same_dtype(name(), inputs, 2);
  check_weights("weighted_mean", inputs, 0);
  return {{Shape{}, inputs[0].dtype()}};
}

Tensors WeightedMeanOp::vjp(const Tensors& inputs, const Tensors&, const Tensors& dy) const {
  Tensors from = {dy[0]};
  from.insert(from.end(), inputs.begin() + 1, inputs.end());
  const Tensor values = make_node<WeightedMeanGradOp>(from, inputs[0].shape());
  return inputs.size() == 1 ? Tensors{values} : Tensors{values, Tensor()};
}

std::vector<TensorSpec> WeightedMeanGradOp::infer(const Tensors& inputs) const {
  return {{shape, inputs[0].dtype()}};
}

std::vector<TensorSpec> AccumulateMeanOp::infer(const Tensors& inputs) const {
  check_same_dtype(name(), inputs, 3);
  check_weights("accumulate_mean", inputs, 1);
  return {inputs[0].spec()};
}

Tensor ops::sum(const Tensor& x, const Axes& axes, bool keepdims) {
  return make_node<SumOp>({x}, normalized(axes, x.shape()), keepdims);
}

Tensor ops::mean(const Tensor& x, const Axes& axes, bool keepdims) {
  return divide_by_count(sum(x, axes, keepdims), x);
}

Tensor ops::max(const Tensor& x, const Axes& axes, bool keepdims) {
  return make_node<MaxOp>({x}, normalized(axes, x.shape()), keepdims);
}

Tensor ops::min(const Tensor& x, const Axes& axes, bool keepdims) {
  return negative(max(negative(x), axes, keepdims));
}

Tensor ops::var(const Tensor& x, const Axes& axes, bool keepdims) {
  return mean(square(x - mean(x, axes, true)), axes, keepdims);
}

Tensor ops::std(const Tensor& x, const Axes& axes, bool keepdims) {
  return sqrt(var(x, axes, keepdims));
}

Tensor ops::sum_but_last(const Tensor& x) {
  return x.rank() == 1 ? x : sum(x, first_axes(x.rank() - 1));
}

Tensor ops::mean_but_last(const Tensor& x) { return divide_by_count(sum_but_last(x), x); }

Tensor ops::weighted_mean(const Tensor& values, const Tensor& weights) {
  return make_node<WeightedMeanOp>(weights ? Tensors{values, weights} : Tensors{values});
}

Tensor ops::accumulate_mean(const Tensor& state, const Tensor& values, const Tensor& weights,
                            double multiplier) {
  return make_node<AccumulateMeanOp>(
      weights ? Tensors{state, values, weights} : Tensors{state, values}, multiplier);
}

}  // namespace banach
