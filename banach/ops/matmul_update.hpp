#pragma once

#include <banach/ops/update.hpp>

#include <memory>
#include <string>
#include <vector>

namespace banach {

/// One step of an update on a single weight whose gradient is the product op(a) op(b), where op
/// transposes or not: the gradient itself is never stored. Inputs: the scalars of the update, a, b,
/// the weight, its slots; outputs: the weight, then its slots.
class MatmulUpdateOp final : public Op {
 public:
  /// `update` is an UpdateOp that takes so many scalars.
  MatmulUpdateOp(std::shared_ptr<const Op> update, std::size_t scalars, bool transpose_a,
                 bool transpose_b)
      : update(std::move(update)),
        scalars(scalars),
        transpose_a(transpose_a),
        transpose_b(transpose_b) {}
  std::string name() const override { return "matmul_update"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors lower(const Tensors& inputs) const override;

  const std::shared_ptr<const Op> update;
  const std::size_t scalars;
  const bool transpose_a, transpose_b;
};

}  // namespace banach
