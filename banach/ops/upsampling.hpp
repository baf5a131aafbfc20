#pragma once

#include <banach/graph/op.hpp>
#include <banach/ops/samples.hpp>
#include <banach/ops/window.hpp>

namespace banach {

/// The samples of all size * factor rows.
std::vector<Sample> make_samples(Interpolation interpolation, std::int64_t size,
                                 std::int64_t factor);

/// Images (batch, height, width, channels) made larger by whole factors.
class UpSample2DOp final : public Op {
 public:
  UpSample2DOp(Size2 factor, Interpolation interpolation)
      : factor(factor), interpolation(interpolation) {}
  std::string name() const override { return "up_sample2d"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;

  const Size2 factor;
  const Interpolation interpolation;
};

/// dx from dy: what each pixel contributed, summed.
class UpSample2DGradOp final : public Op {
 public:
  UpSample2DGradOp(Size2 factor, Interpolation interpolation)
      : factor(factor), interpolation(interpolation) {}
  std::string name() const override { return "up_sample2d_grad"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;

  const Size2 factor;
  const Interpolation interpolation;
};

namespace ops {

/// (batch, height, width, channels) -> (batch, height * factor, width * factor, channels).
Tensor up_sample2d(const Tensor& x, const Size2& factor,
                   Interpolation interpolation = Interpolation::nearest);

}  // namespace ops
}  // namespace banach
