#include <banach/core/errors.hpp>
#include <banach/layers/image.hpp>
#include <banach/layers/up_sampling2d.hpp>
#include <banach/ops/upsampling.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach::layers {
namespace {

// What Keras has beside "nearest" and "bilinear".
constexpr const char* kOthers[] = {"bicubic", "lanczos3", "lanczos5"};

void check_interpolation(const std::string& interpolation) {
  if (interpolation == "nearest" || interpolation == "bilinear") return;
  const std::string text = fmt::format(
      "[UpSampling2D] interpolation must be \"nearest\" or \"bilinear\", received \"{}\"",
      interpolation);
  if (std::ranges::find(kOthers, interpolation) != std::end(kOthers)) throw NotSupported(text);
  throw InvalidArgument(text);
}

}  // namespace

UpSampling2D::UpSampling2D(Size2 size, const UpSampling2DOptions& options)
    : LayerOf(common(options)), size_(size), options_(options) {
  check();
}

void UpSampling2D::check() const {
  check_positive("UpSampling2D", "size", size_);
  check_interpolation(options_.interpolation);
}

void UpSampling2D::describe(Fields& fields) {
  fields("size", size_).only("data_format", "channels_last");
  fields("interpolation", options_.interpolation);
  if (fields.reading()) check();
}

Tensor UpSampling2D::call(const Tensor& x, const CallContext&) {
  check_image(name(), x.shape());
  return ops::up_sample2d(
      x, size_,
      options_.interpolation == "nearest" ? Interpolation::nearest : Interpolation::bilinear);
}

}  // namespace banach::layers
