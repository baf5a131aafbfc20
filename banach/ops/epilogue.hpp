#pragma once

#include <banach/graph/op.hpp>
#include <banach/ops/dropout.hpp>
#include <banach/ops/functions.hpp>

#include <optional>
#include <string>

namespace banach {

/// What a matmul or convolution does to its result before storing it: + bias (last axis), then an
/// activation whose slope follows from its output, then AlphaDropout. The result z is all that the
/// gradient needs (SELU's slope from y = (z - b) / a, and 0 where z is the drop constant).
struct Epilogue {
  bool bias = false;
  std::string activation = "linear";  ///< a name of functions::Unary, or linear
  functions::Parameters parameters;
  std::optional<DropoutParameters> alpha_dropout;

  bool is_empty() const { return !bias && is_linear(); }
  bool is_linear() const { return activation == "linear" && !alpha_dropout; }
  /// "+bias+selu+alpha_dropout(0.25)".
  std::string str() const;
};

/// Extra inputs an epilogue takes after the op's own two: bias, then the step of the dropout.
std::size_t epilogue_inputs(const Epilogue& epilogue);

/// That these are the bias (channels,) in the dtype of input 0, and an int64 step; InvalidArgument.
void check_epilogue_inputs(const std::string& op, const Epilogue& epilogue, const Tensors& inputs,
                           std::int64_t channels);

/// True when `activation`'s slope follows from its output, as an epilogue needs.
bool is_epilogue_activation(std::string_view activation);

/// The separate nodes that an epilogue stands for; `inputs` are its op's (bias and step from 2 on).
Tensor lower_epilogue(const Epilogue& epilogue, Tensor x, const Tensors& inputs);

/// (dx, dbias) before the epilogue, from z and dz; dbias sums over all axes but the last.
class EpilogueGradOp final : public Op {
 public:
  explicit EpilogueGradOp(Epilogue epilogue) : epilogue(std::move(epilogue)) {}
  std::string name() const override { return "epilogue_grad"; }
  std::string attributes() const override { return epilogue.str(); }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;  // dz, z

  const Epilogue epilogue;
};

/// Gradients of the value before an epilogue and of the bias, as cheap nodes as possible.
struct EpilogueGradient {
  Tensor dx;
  Tensor dbias;
};
EpilogueGradient epilogue_gradient(const Epilogue& epilogue, const Tensor& z, const Tensor& dz);

}  // namespace banach
