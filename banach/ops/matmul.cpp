#include <banach/core/errors.hpp>
#include <banach/ops/check_inputs.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/shape.hpp>

#include <fmt/format.h>

namespace banach {

std::string transposes_text(bool transpose_a, bool transpose_b) {
  return fmt::format("{}{}", transpose_a ? 't' : 'n', transpose_b ? 't' : 'n');
}

std::string MatmulOp::attributes() const {
  return transposes_text(transpose_a, transpose_b) + epilogue.str();
}

std::vector<TensorSpec> MatmulOp::infer(const Tensors& inputs) const {
  const Shape &a = inputs[0].shape(), &b = inputs[1].shape();
  const bool ranks = a.rank() == 2 && b.rank() == 2;
  if (!ranks || a[transpose_a ? 0 : 1] != b[transpose_b ? 1 : 0]) {
    throw InvalidArgument(
        fmt::format("{}matmul expected matrices (M, K) and (K, N){}, received {} "
                    "and {}",
                    NameScope::tag(), transpose_a || transpose_b ? " after transposing" : "",
                    a.str(), b.str()));
  }
  check_same_dtype(name(), inputs, 2);
  const Shape c{a[transpose_a ? 1 : 0], b[transpose_b ? 0 : 1]};
  check_epilogue_inputs(name(), epilogue, inputs, c[-1]);
  return {{c, result.value_or(inputs[0].dtype())}};
}

Tensors MatmulOp::vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const {
  const Tensor &a = inputs[0], &b = inputs[1];
  const auto [dc, dbias] = epilogue_gradient(epilogue, outputs[0], dy[0]);
  // C = A B: dA = dC B', dB = A' dC; a transposed side gets the transposed gradient
  const Tensor db =
      transpose_b ? ops::matmul(dc, a, true, transpose_a) : ops::matmul(a, dc, !transpose_a, false);
  const Tensor da =
      transpose_a ? ops::matmul(b, dc, transpose_b, true) : ops::matmul(dc, b, false, !transpose_b);
  Tensors result = {da, db};
  if (epilogue.bias) result.push_back(dbias);
  result.resize(inputs.size());
  return result;
}

Tensors MatmulOp::lower(const Tensors& inputs) const {
  if (epilogue.is_empty()) return {};
  return {lower_epilogue(epilogue, ops::matmul(inputs[0], inputs[1], transpose_a, transpose_b),
                         inputs)};
}

std::string MatmulEpilogueGradOp::attributes() const {
  return transposes_text(transpose_a, transpose_b) + epilogue.str();
}

std::vector<TensorSpec> MatmulEpilogueGradOp::infer(const Tensors& inputs) const {
  check_same_dtype(name(), inputs, 2);
  const TensorSpec& z = inputs[2].spec();
  return {z, {Shape{z.shape[-1]}, z.dtype}};
}

Tensors MatmulEpilogueGradOp::lower(const Tensors& inputs) const {
  const Tensor product = ops::matmul(inputs[0], inputs[1], transpose_a, transpose_b);
  return add_node(std::make_shared<EpilogueGradOp>(epilogue),
                  {ops::reshape(product, inputs[2].shape()), inputs[2]});
}

Tensor ops::matmul(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
  return make_node<MatmulOp>({a, b}, transpose_a, transpose_b);
}

}  // namespace banach
