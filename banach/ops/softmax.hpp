#pragma once

#include <banach/graph/op.hpp>

namespace banach {

/// y = exp(x) / sum(exp(x)) along the last axis.
class SoftmaxOp final : public Op {
 public:
  std::string name() const override { return "softmax"; }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;
};

/// dx = y (dy - sum(dy y)); inputs dy, y.
class SoftmaxGradOp final : public Op {
 public:
  std::string name() const override { return "softmax_grad"; }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
};

/// Crossentropy of softmax(logits) without clipping, and the probabilities: inputs logits (..., C)
/// and targets (..., C), or class numbers (...) when sparse; outputs loss (...), softmax (..., C)
/// and, with `matches`, what CategoricalMatchOp gives for them (...).
class SoftmaxCrossentropyOp final : public Op {
 public:
  explicit SoftmaxCrossentropyOp(bool sparse, bool matches = false)
      : sparse(sparse), matches(matches) {}
  std::string name() const override {
    return sparse ? "sparse_softmax_crossentropy" : "softmax_crossentropy";
  }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;
  Tensors lower(const Tensors& inputs) const override;
  std::string attributes() const override { return matches ? "+match" : ""; }

  const bool sparse, matches;
};

/// dlogits = dloss (sum(targets) softmax - targets); inputs dloss, softmax, targets.
class SoftmaxCrossentropyGradOp final : public Op {
 public:
  explicit SoftmaxCrossentropyGradOp(bool sparse) : sparse(sparse) {}
  std::string name() const override {
    return sparse ? "sparse_softmax_crossentropy_grad" : "softmax_crossentropy_grad";
  }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;

  const bool sparse;
};

/// 1 where the class is right, else 0: inputs targets (one-hot (..., C), or class numbers when
/// sparse) and predictions (..., C); the first of equal predictions counts.
class CategoricalMatchOp final : public Op {
 public:
  explicit CategoricalMatchOp(bool sparse) : sparse(sparse) {}
  std::string name() const override {
    return sparse ? "sparse_categorical_match" : "categorical_match";
  }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors&, const Tensors&, const Tensors&) const override { return {}; }

  const bool sparse;
};

/// Class numbers (...) as one-hot rows (..., C); other numbers as zeros.
class OneHotOp final : public Op {
 public:
  explicit OneHotOp(std::int64_t classes) : classes(classes) {}
  std::string name() const override { return "one_hot"; }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors&, const Tensors&, const Tensors&) const override { return {}; }

  const std::int64_t classes;
};

namespace ops {

Tensor softmax(const Tensor& x, int axis = -1);
/// Labels are floating-point; the row of what is not the number of a class is 0.
Tensor one_hot(const Tensor& labels, std::int64_t classes);
/// Per-sample loss; `targets` are distributions over the last axis of logits.
Tensor softmax_crossentropy(const Tensor& targets, const Tensor& logits);
/// The same with class numbers, kept in the dtype of the logits; the loss of what is not the number
/// of a class is NaN.
Tensor sparse_softmax_crossentropy(const Tensor& labels, const Tensor& logits);
Tensor categorical_match(const Tensor& targets, const Tensor& predictions);
Tensor sparse_categorical_match(const Tensor& labels, const Tensor& predictions);

}  // namespace ops
}  // namespace banach
