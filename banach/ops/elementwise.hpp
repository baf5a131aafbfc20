#pragma once

#include <banach/graph/cast.hpp>
#include <banach/ops/check_inputs.hpp>
#include <banach/ops/functions.hpp>

namespace banach {

namespace detail {
std::vector<TensorSpec> floating_like(const std::string& name, const Tensor& x);
}

template <class Function>
class UnaryGradOp;

/// y = f(x), elementwise.
template <class Function>
class UnaryOp final : public Op {
 public:
  explicit UnaryOp(functions::Parameters parameters = {}) : parameters(parameters) {}
  std::string name() const override { return std::string(Function::kName); }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override {
    return detail::floating_like(name(), inputs[0]);
  }
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override {
    const Tensor& known = Function::kFromOutput ? outputs[0] : inputs[0];
    return {make_node<UnaryGradOp<Function>>({dy[0], known}, parameters)};
  }

  const functions::Parameters parameters;
};

/// dx = dy f'(x); the second input is y where the slope follows from it, else x.
template <class Function>
class UnaryGradOp final : public Op {
 public:
  explicit UnaryGradOp(functions::Parameters parameters) : parameters(parameters) {}
  std::string name() const override { return std::string(Function::kName) + "_grad"; }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override {
    check_same_dtype(name(), inputs, 2);
    return {inputs[0].spec()};
  }

  const functions::Parameters parameters;
};

/// c = f(a, b), elementwise with NumPy's broadcasting.
template <class Function>
class BinaryOp final : public Op {
 public:
  std::string name() const override { return std::string(Function::kName); }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;
};

/// An int64 scalar plus one: step counters.
class IncrementOp final : public Op {
 public:
  std::string name() const override { return "increment"; }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
};

/// The second input where the first, a floating-point scalar, is not 0, else the third; both are of
/// one shape and any one dtype. No gradient.
class EitherOp final : public Op {
 public:
  std::string name() const override { return "either"; }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
};

namespace ops {

/// `functions::Selu` and its kin on a tensor.
template <class Function>
Tensor unary(const Tensor& x, functions::Parameters parameters = {}) {
  return make_node<UnaryOp<Function>>({x}, parameters);
}

// Names and meaning as in keras.ops; shapes broadcast as in NumPy. A number is a scalar in the
// tensor's dtype.
Tensor add(const Tensor& a, const Tensor& b);
Tensor subtract(const Tensor& a, const Tensor& b);
Tensor multiply(const Tensor& a, const Tensor& b);
Tensor divide(const Tensor& a, const Tensor& b);
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor power(const Tensor& a, const Tensor& b);
Tensor maximum(const Tensor& a, double b);
Tensor minimum(const Tensor& a, double b);
Tensor power(const Tensor& a, double b);
Tensor maximum(double a, const Tensor& b);
Tensor minimum(double a, const Tensor& b);
Tensor power(double a, const Tensor& b);
// Comparisons are 1 or 0 in the dtype of a and have no gradient.
Tensor equal(const Tensor& a, const Tensor& b);
Tensor greater(const Tensor& a, const Tensor& b);
Tensor greater_equal(const Tensor& a, const Tensor& b);
Tensor less(const Tensor& a, const Tensor& b);
Tensor less_equal(const Tensor& a, const Tensor& b);
Tensor equal(const Tensor& a, double b);
Tensor greater(const Tensor& a, double b);
Tensor greater_equal(const Tensor& a, double b);
Tensor less(const Tensor& a, double b);
Tensor less_equal(const Tensor& a, double b);
/// Elementwise x1 where `condition` is 1 and x2 where it is 0, as comparisons give it. Both are
/// computed, and NaN or infinity in the one that is not taken makes NaN: keep its argument in range
/// first, as in `where(greater(x, 0), log(maximum(x, 1e-7)), x)`.
Tensor where(const Tensor& condition, const Tensor& x1, const Tensor& x2);
Tensor clip(const Tensor& x, double low, double high);
/// x1 or, where the scalar `condition` is 0, x2. InvalidArgument unless these are of one shape and
/// dtype.
Tensor either(const Tensor& condition, const Tensor& x1, const Tensor& x2);
using banach::cast;
Tensor increment(const Tensor& counter);

Tensor negative(const Tensor& x);
Tensor absolute(const Tensor& x);
inline Tensor abs(const Tensor& x) { return absolute(x); }
Tensor square(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor rsqrt(const Tensor& x);
Tensor exp(const Tensor& x);
Tensor log(const Tensor& x);

}  // namespace ops

Tensor operator+(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& a, const Tensor& b);
Tensor operator*(const Tensor& a, const Tensor& b);
Tensor operator/(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& x);
Tensor operator+(const Tensor& a, double b);
Tensor operator-(const Tensor& a, double b);
Tensor operator*(const Tensor& a, double b);
Tensor operator/(const Tensor& a, double b);
Tensor operator+(double a, const Tensor& b);
Tensor operator-(double a, const Tensor& b);
Tensor operator*(double a, const Tensor& b);
Tensor operator/(double a, const Tensor& b);

}  // namespace banach
