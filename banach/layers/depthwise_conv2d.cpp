#include <banach/core/errors.hpp>
#include <banach/layers/depthwise_conv2d.hpp>
#include <banach/layers/image.hpp>
#include <banach/ops/convolution.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/shape.hpp>

#include <fmt/format.h>

namespace banach::layers {

DepthwiseConv2D::DepthwiseConv2D(Size2 kernel_size, DepthwiseConv2DOptions options)
    : LayerOf(common(options)), kernel_size_(kernel_size), options_(std::move(options)) {
  check();
}

void DepthwiseConv2D::check() const {
  check_positive("DepthwiseConv2D", "kernel_size", kernel_size_);
  check_positive("DepthwiseConv2D", "strides", options_.strides);
  check_positive("DepthwiseConv2D", "dilation_rate", options_.dilation_rate);
  check_padding("DepthwiseConv2D", options_.padding);
  if (options_.depth_multiplier < 1) {
    throw InvalidArgument(
        fmt::format("[DepthwiseConv2D] depth_multiplier must be at least 1, received {}",
                    options_.depth_multiplier));
  }
}

void DepthwiseConv2D::describe(Fields& fields) {
  fields("depth_multiplier", options_.depth_multiplier).required("kernel_size", kernel_size_);
  fields("strides", options_.strides)("padding", options_.padding);
  fields.only("data_format", "channels_last");
  fields("dilation_rate", options_.dilation_rate)("activation", options_.activation);
  fields("use_bias", options_.use_bias);
  fields("depthwise_initializer", options_.depthwise_initializer);
  fields("bias_initializer", options_.bias_initializer);
  fields("depthwise_regularizer", options_.depthwise_regularizer);
  fields("bias_regularizer", options_.bias_regularizer);
  fields.only("activity_regularizer", Json());
  fields("depthwise_constraint", options_.depthwise_constraint);
  fields("bias_constraint", options_.bias_constraint);
  if (fields.reading()) check();
}

void DepthwiseConv2D::build(const Shape& input_shape) {
  check_image(name(), input_shape);
  const std::int64_t channels = input_shape[3], multiplier = options_.depth_multiplier;
  const DepthwiseConv2DOptions& o = options_;
  add_weight(kernel_, "kernel", {kernel_size_.height, kernel_size_.width, channels, multiplier},
             o.depthwise_initializer, true, o.depthwise_regularizer, o.depthwise_constraint);
  if (!o.use_bias) return;
  add_weight(bias_, "bias", {channels * multiplier}, o.bias_initializer, true, o.bias_regularizer,
             o.bias_constraint);
}

Tensor DepthwiseConv2D::call(const Tensor& x, const CallContext&) {
  check_image(name(), x.shape());
  const Shape& kernel = kernel_.shape();
  const std::int64_t channels = kernel[2];
  if (x.dim(3) != channels) {
    throw InvalidArgument(
        fmt::format("[{}] expected an input with {} channels (kernel is {}), received {}", name(),
                    channels, kernel.str(), x.shape().with(0, kUnknown).str()));
  }
  const Window window = make_window({x.dim(1), x.dim(2)}, kernel_size_, options_.strides,
                                    options_.dilation_rate, options_.padding);
  // one group a channel; the filters of a group lie side by side in both kernels
  const Tensor w = ops::reshape(kernel_, {kernel[0], kernel[1], 1, channels * kernel[3]});
  Tensor y = ops::conv2d(x, w, window, channels);
  if (options_.use_bias) y = y + bias_.tensor();
  return options_.activation(y);
}

}  // namespace banach::layers
