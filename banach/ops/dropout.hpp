#pragma once

#include <banach/graph/op.hpp>
#include <banach/ops/dropout_bits.hpp>
#include <banach/snn/moments.hpp>

#include <cstdint>

namespace banach {

/// y = kept ? a x + b : c, where an element is dropped with probability `rate`. Which ones are
/// depends on nothing but the key, the step (the second input, an int64 scalar), the row (position
/// on axis 0) and the element within the row, each with 16 bits of Philox 4x32-10, so rates are
/// multiples of 2^-16. Dropout and AlphaDropout are two choices of a, b and c.
struct DropoutParameters {
  double rate = 0;
  double a = 1, b = 0, c = 0;
  std::uint64_t key = 0;
  bool operator==(const DropoutParameters&) const = default;

  double kept(double x) const;  ///< a x + b
};

/// `threshold` of the 16 random bits of an element below which it is dropped.
std::uint32_t dropout_threshold(double rate);

class DropoutOp final : public Op {
 public:
  DropoutOp(DropoutParameters parameters, Shape noise_shape)
      : parameters(parameters), noise_shape(noise_shape) {}
  std::string name() const override { return "dropout"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(const Tensors& inputs) const override;
  Tensors vjp(const Tensors& inputs, const Tensors& outputs, const Tensors& dy) const override;

  const DropoutParameters parameters;
  const Shape noise_shape;  // the input's shape, or one that broadcasts to it
};

/// Dropout: y = kept ? x / (1 - rate) : 0.
DropoutParameters dropout_parameters(double rate, std::uint64_t key);
/// AlphaDropout (Klambauer et al. 2017, section 3): dropped values become alpha' = -scale * alpha
/// of the SELU with this fixed point, then the affine map restores its moments
/// (snn::alpha_dropout_map). At rate 1 everything is the mean.
DropoutParameters alpha_dropout_parameters(double rate, std::uint64_t key,
                                           const snn::FixedPoint& fixed_point = {});

namespace ops {

/// `step` as in Tape::random_step(). InvalidArgument when noise_shape does not broadcast to x.
Tensor dropout(const Tensor& x, const Tensor& step, const DropoutParameters& parameters,
               const Shape& noise_shape);

}  // namespace ops
}  // namespace banach
