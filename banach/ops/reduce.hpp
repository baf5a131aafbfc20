#pragma once

#include <banach/graph/op.hpp>
#include <banach/ops/axes.hpp>

namespace banach {

/// Sum over some axes.
class SumOp final : public Op {
 public:
  SumOp(std::vector<int> axes, bool keepdims) : axes(std::move(axes)), keepdims(keepdims) {}
  std::string name() const override { return "sum"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;

  const std::vector<int> axes;  // sorted, in [0, rank)
  const bool keepdims;
};

/// The largest value over some axes.
class MaxOp final : public Op {
 public:
  MaxOp(std::vector<int> axes, bool keepdims) : axes(std::move(axes)), keepdims(keepdims) {}
  std::string name() const override { return "max"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;

  const std::vector<int> axes;  // sorted, in [0, rank)
  const bool keepdims;
};

/// dx = dy / n where x is one of n largest values, else 0; inputs dy, x, y.
class MaxGradOp final : public Op {
 public:
  explicit MaxGradOp(std::vector<int> axes) : axes(std::move(axes)) {}
  std::string name() const override { return "max_grad"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;

  const std::vector<int> axes;
};

/// mean = sum(values * weights) / number of values; without weights they are 1. A scalar.
class WeightedMeanOp final : public Op {
 public:
  std::string name() const override { return "weighted_mean"; }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;
};

/// d values = d mean * weights / number of values.
class WeightedMeanGradOp final : public Op {
 public:
  explicit WeightedMeanGradOp(Shape shape) : shape(shape) {}
  std::string name() const override { return "weighted_mean_grad"; }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;

  const Shape shape;
};

/// A running mean's state (2,) = {total, count} after more values (and their weights, when given):
/// total += multiplier * sum(values * weights), count += multiplier * sum(weights).
class AccumulateMeanOp final : public Op {
 public:
  explicit AccumulateMeanOp(double multiplier) : multiplier(multiplier) {}
  std::string name() const override { return "accumulate_mean"; }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;

  const double multiplier;
};

namespace ops {

// Names and meaning as in keras.ops.
Tensor sum(const Tensor& x, const Axes& axes = {}, bool keepdims = false);
Tensor mean(const Tensor& x, const Axes& axes = {}, bool keepdims = false);
/// As in TensorFlow, equal largest values share the gradient.
Tensor max(const Tensor& x, const Axes& axes = {}, bool keepdims = false);
Tensor min(const Tensor& x, const Axes& axes = {}, bool keepdims = false);
/// The mean squared distance from the mean, and its root, whose gradient where all values are equal
/// is NaN, as in TensorFlow.
Tensor var(const Tensor& x, const Axes& axes = {}, bool keepdims = false);
Tensor std(const Tensor& x, const Axes& axes = {}, bool keepdims = false);

/// Over all axes but the last: (channels,) from (..., channels), where there may be no others.
Tensor sum_but_last(const Tensor& x);
Tensor mean_but_last(const Tensor& x);

/// `weights` may be empty; it has the shape of `values`.
Tensor weighted_mean(const Tensor& values, const Tensor& weights);
Tensor accumulate_mean(const Tensor& state, const Tensor& values, const Tensor& weights,
                       double multiplier = 1);

}  // namespace ops
}  // namespace banach
