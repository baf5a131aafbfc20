#pragma once

#include <banach/graph/op.hpp>
#include <banach/ops/epilogue.hpp>

namespace banach {

/// c = epilogue(op(a) op(b)) of matrices, where op transposes or not. Inputs: a, b, then what the
/// epilogue takes. `result` is c's dtype where it is not that of a: products of half precision are
/// summed in float32 and may stay so.
class MatmulOp final : public Op {
 public:
  MatmulOp(bool transpose_a, bool transpose_b, Epilogue epilogue = {},
           std::optional<DType> result = {})
      : transpose_a(transpose_a),
        transpose_b(transpose_b),
        epilogue(std::move(epilogue)),
        result(result) {}
  std::string name() const override { return epilogue.is_empty() ? "matmul" : "fused_matmul"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;
  Tensors lower(const Tensors& inputs) const override;

  const bool transpose_a, transpose_b;
  const Epilogue epilogue;
  const std::optional<DType> result;
};

/// "tn": which sides are transposed, for dumps.
std::string transposes_text(bool transpose_a, bool transpose_b);

/// (dx, dbias) before an epilogue, as EpilogueGradOp's, where the gradient after it is the product
/// op(a) op(b). Inputs: a, b, z; the product's elements are those of z in their order.
class MatmulEpilogueGradOp final : public Op {
 public:
  MatmulEpilogueGradOp(bool transpose_a, bool transpose_b, Epilogue epilogue)
      : transpose_a(transpose_a), transpose_b(transpose_b), epilogue(std::move(epilogue)) {}
  std::string name() const override { return "matmul_epilogue_grad"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors lower(const Tensors& inputs) const override;

  const bool transpose_a, transpose_b;
  const Epilogue epilogue;
};

namespace ops {

/// (M, K) x (K, N) -> (M, N), each side transposed first when asked.
Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a = false, bool transpose_b = false);

}  // namespace ops
}  // namespace banach
