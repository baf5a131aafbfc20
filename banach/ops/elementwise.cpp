#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>

#include <fmt/format.h>

namespace banach {
namespace {

using namespace functions;

// Sums a gradient over the axes along which its tensor was broadcast.
Tensor sum_to(const Tensor& dy, const Shape& shape) {
  if (dy.shape() == shape) return dy;
  const int shift = dy.rank() - shape.rank();
  std::vector<int> axes;
  for (int axis = 0; axis < dy.rank(); ++axis) {
    if (axis < shift || (shape[axis - shift] == 1 && dy.dim(axis) != 1)) axes.push_back(axis);
  }
  return ops::reshape(ops::sum(dy, axes), shape);
}

struct Pair {
  Tensor da, db;
};

// dJ/da and dJ/db before the sums over broadcast axes. The one overload per function.
Pair gradient(Add, const Tensor&, const Tensor&, const Tensor&, const Tensor& dy) {
  return {dy, dy};
}
Pair gradient(Subtract, const Tensor&, const Tensor&, const Tensor&, const Tensor& dy) {
  return {dy, ops::negative(dy)};
}
Pair gradient(Multiply, const Tensor& a, const Tensor& b, const Tensor&, const Tensor& dy) {
  return {dy * b, dy * a};
}
Pair gradient(Divide, const Tensor&, const Tensor& b, const Tensor& y, const Tensor& dy) {
  const Tensor da = dy / b;
  return {da, ops::negative(da * y)};
}
Pair gradient(Maximum, const Tensor& a, const Tensor& b, const Tensor&, const Tensor& dy) {
  const Tensor first = ops::greater_equal(a, b);  // ties flow to a, as in TensorFlow
  return {dy * first, dy * (1.0 - first)};
}
Pair gradient(Minimum, const Tensor& a, const Tensor& b, const Tensor&, const Tensor& dy) {
  const Tensor first = ops::greater_equal(b, a);
  return {dy * first, dy * (1.0 - first)};
}
Pair gradient(Power, const Tensor& a, const Tensor& b, const Tensor& y, const Tensor& dy) {
  return {dy * b * ops::power(a, b - 1.0), dy * y * ops::log(a)};
}
template <class Comparison>
Pair gradient(Comparison, const Tensor&, const Tensor&, const Tensor&, const Tensor&) {
  return {};
}

template <class Function>
Tensor binary(const Tensor& a, const Tensor& b) {
  return make_node<BinaryOp<Function>>({a, b});
}

}  // namespace

std::vector<TensorSpec> detail::floating_like(const std::string& name, const Tensor& x) {
  if (!is_floating(x.dtype())) {
    throw InvalidArgument(fmt::format("{}{} expected floating-point values, received {}",
                                      NameScope::tag(), name, name_of(x.dtype())));
  }
  return {x.spec()};
}

template <class Function>
std::vector<TensorSpec> BinaryOp<Function>::infer(const Tensors& inputs) const {
  check_same_dtype(name(), inputs, 2);
  try {
    return {{broadcast(inputs[0].shape(), inputs[1].shape()), inputs[0].dtype()}};
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(NameScope::tag() + name() + ": " + error.what());
  }
}

template <class Function>
Tensors BinaryOp<Function>::vjp(const Tensors& inputs, const Tensors& outputs,
                                const Tensors& dy) const {
  const Pair pair = gradient(Function(), inputs[0], inputs[1], outputs[0], dy[0]);
  if (!pair.da) return {};
  return {sum_to(pair.da, inputs[0].shape()), sum_to(pair.db, inputs[1].shape())};
}

std::vector<TensorSpec> IncrementOp::infer(const Tensors& inputs) const {
  check_spec(name(), "a counter", inputs[0], {Shape{}, int64});
  return {inputs[0].spec()};
}

std::vector<TensorSpec> EitherOp::infer(const Tensors& inputs) const {
  const TensorSpec &condition = inputs[0].spec(), &a = inputs[1].spec(), &b = inputs[2].spec();
  if (condition.shape.rank() != 0 || !is_floating(condition.dtype)) {
    throw InvalidArgument(
        fmt::format("{}either: expected a floating-point scalar as condition, "
                    "received {} {}",
                    NameScope::tag(), name_of(condition.dtype), condition.shape.str()));
  }
  if (a.dtype != b.dtype || a.shape != b.shape) {
    throw InvalidArgument(fmt::format(
        "{}either: expected x1 and x2 of one shape and dtype, "
        "received {} {} and {} {}",
        NameScope::tag(), name_of(a.dtype), a.shape.str(), name_of(b.dtype), b.shape.str()));
  }
  return {a};
}

template class BinaryOp<Add>;
template class BinaryOp<Subtract>;
template class BinaryOp<Multiply>;
template class BinaryOp<Divide>;
template class BinaryOp<Maximum>;
template class BinaryOp<Minimum>;
template class BinaryOp<Power>;
template class BinaryOp<Equal>;
template class BinaryOp<Greater>;
template class BinaryOp<GreaterEqual>;

namespace ops {

Tensor add(const Tensor& a, const Tensor& b) { return binary<Add>(a, b); }
Tensor subtract(const Tensor& a, const Tensor& b) { return binary<Subtract>(a, b); }
Tensor multiply(const Tensor& a, const Tensor& b) { return binary<Multiply>(a, b); }
Tensor divide(const Tensor& a, const Tensor& b) { return binary<Divide>(a, b); }
Tensor maximum(const Tensor& a, const Tensor& b) { return binary<Maximum>(a, b); }
Tensor minimum(const Tensor& a, const Tensor& b) { return binary<Minimum>(a, b); }
Tensor power(const Tensor& a, const Tensor& b) { return binary<Power>(a, b); }
Tensor equal(const Tensor& a, const Tensor& b) { return binary<Equal>(a, b); }
Tensor greater(const Tensor& a, const Tensor& b) { return binary<Greater>(a, b); }
Tensor greater_equal(const Tensor& a, const Tensor& b) { return binary<GreaterEqual>(a, b); }

Tensor less(const Tensor& a, const Tensor& b) { return greater(b, a); }
Tensor less_equal(const Tensor& a, const Tensor& b) { return greater_equal(b, a); }

Tensor maximum(const Tensor& a, double b) { return maximum(a, constant(b, a.dtype())); }
Tensor minimum(const Tensor& a, double b) { return minimum(a, constant(b, a.dtype())); }
Tensor power(const Tensor& a, double b) { return power(a, constant(b, a.dtype())); }
Tensor maximum(double a, const Tensor& b) { return maximum(constant(a, b.dtype()), b); }
Tensor minimum(double a, const Tensor& b) { return minimum(constant(a, b.dtype()), b); }
Tensor power(double a, const Tensor& b) { return power(constant(a, b.dtype()), b); }
Tensor equal(const Tensor& a, double b) { return equal(a, constant(b, a.dtype())); }
Tensor greater(const Tensor& a, double b) { return greater(a, constant(b, a.dtype())); }
Tensor greater_equal(const Tensor& a, double b) { return greater_equal(a, constant(b, a.dtype())); }
Tensor less(const Tensor& a, double b) { return less(a, constant(b, a.dtype())); }
Tensor less_equal(const Tensor& a, double b) { return less_equal(a, constant(b, a.dtype())); }

Tensor where(const Tensor& condition, const Tensor& x1, const Tensor& x2) {
  return condition * x1 + (1.0 - condition) * x2;
}
Tensor clip(const Tensor& x, double low, double high) { return minimum(maximum(x, low), high); }
Tensor either(const Tensor& condition, const Tensor& x1, const Tensor& x2) {
  return make_node<EitherOp>({condition, x1, x2});
}
Tensor increment(const Tensor& counter) { return make_node<IncrementOp>({counter}); }

Tensor negative(const Tensor& x) { return unary<Negative>(x); }
Tensor absolute(const Tensor& x) { return unary<Absolute>(x); }
Tensor square(const Tensor& x) { return unary<Square>(x); }
Tensor sqrt(const Tensor& x) { return unary<Sqrt>(x); }
Tensor rsqrt(const Tensor& x) { return unary<Rsqrt>(x); }
Tensor exp(const Tensor& x) { return unary<Exponential>(x); }
Tensor log(const Tensor& x) { return unary<Log>(x); }

}  // namespace ops

Tensor operator+(const Tensor& a, const Tensor& b) { return ops::add(a, b); }
Tensor operator-(const Tensor& a, const Tensor& b) { return ops::subtract(a, b); }
Tensor operator*(const Tensor& a, const Tensor& b) { return ops::multiply(a, b); }
Tensor operator/(const Tensor& a, const Tensor& b) { return ops::divide(a, b); }
Tensor operator-(const Tensor& x) { return ops::negative(x); }
Tensor operator+(const Tensor& a, double b) { return a + constant(b, a.dtype()); }
Tensor operator-(const Tensor& a, double b) { return a - constant(b, a.dtype()); }
Tensor operator*(const Tensor& a, double b) { return a * constant(b, a.dtype()); }
Tensor operator/(const Tensor& a, double b) { return a / constant(b, a.dtype()); }
Tensor operator+(double a, const Tensor& b) { return constant(a, b.dtype()) + b; }
Tensor operator-(double a, const Tensor& b) { return constant(a, b.dtype()) - b; }
Tensor operator*(double a, const Tensor& b) { return constant(a, b.dtype()) * b; }
Tensor operator/(double a, const Tensor& b) { return constant(a, b.dtype()) / b; }

}  // namespace banach
