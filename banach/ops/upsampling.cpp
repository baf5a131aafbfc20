#include <banach/core/errors.hpp>
#include <banach/ops/upsampling.hpp>

#include <fmt/format.h>

namespace banach {
namespace {

std::string text_of(const Size2& factor, Interpolation interpolation) {
  return fmt::format("{}x{} {}", factor.height, factor.width,
                     interpolation == Interpolation::nearest ? "nearest" : "bilinear");
}

}  // namespace

std::vector<Sample> make_samples(Interpolation interpolation, std::int64_t size,
                                 std::int64_t factor) {
  std::vector<Sample> samples(static_cast<std::size_t>(size * factor));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = sample_at(interpolation, static_cast<std::int64_t>(i), size, factor);
  }
  return samples;
}

std::string UpSample2DOp::attributes() const { return text_of(factor, interpolation); }

std::vector<TensorSpec> UpSample2DOp::infer(const Tensors& inputs) const {
  const Shape& x = inputs[0].shape();
  if (x.rank() != 4) {
    throw InvalidArgument(
        fmt::format("{}up_sample2d expected an image (batch, height, width, channels), received {}",
                    NameScope::tag(), x.str()));
  }
  return {{Shape{x[0], x[1] * factor.height, x[2] * factor.width, x[3]}, inputs[0].dtype()}};
}

Tensors UpSample2DOp::vjp(const Tensors&, const Tensors&, const Tensors& dy) const {
  return {make_node<UpSample2DGradOp>({dy[0]}, factor, interpolation)};
}

std::string UpSample2DGradOp::attributes() const { return text_of(factor, interpolation); }

std::vector<TensorSpec> UpSample2DGradOp::infer(const Tensors& inputs) const {
  const Shape& dy = inputs[0].shape();
  return {{Shape{dy[0], dy[1] / factor.height, dy[2] / factor.width, dy[3]}, inputs[0].dtype()}};
}

Tensor ops::up_sample2d(const Tensor& x, const Size2& factor, Interpolation interpolation) {
  return make_node<UpSample2DOp>({x}, factor, interpolation);
}

}  // namespace banach
