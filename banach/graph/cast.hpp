#pragma once

#include <banach/graph/op.hpp>

#include <optional>

namespace banach {

/// The same values in another dtype.
class CastOp final : public Op {
 public:
  explicit CastOp(DType dtype) : dtype(dtype) {}
  std::string name() const override { return "cast"; }
  std::string attributes() const override { return std::string(name_of(dtype)); }
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;

  const DType dtype;
};

/// x itself where it has that dtype already.
Tensor cast(const Tensor& x, DType dtype);

/// While it lives, floating-point variables that this thread reads in a trace come in `dtype`: how
/// a layer computes in bfloat16 or float16 with float32 weights. Keras: AutocastScope.
class AutocastScope {
 public:
  explicit AutocastScope(DType dtype);
  ~AutocastScope();
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

  static std::optional<DType> current();  ///< empty outside any scope

 private:
  std::optional<DType> previous_;
};

}  // namespace banach
