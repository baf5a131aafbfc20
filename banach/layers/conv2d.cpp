#include <banach/core/errors.hpp>
#include <banach/layers/conv2d.hpp>
#include <banach/layers/image.hpp>
#include <banach/ops/convolution.hpp>
#include <banach/ops/elementwise.hpp>

#include <fmt/format.h>

namespace banach::layers {

Conv2D::Conv2D(std::int64_t filters, Size2 kernel_size, Conv2DOptions options)
    : LayerOf(common(options)),
      filters_(filters),
      kernel_size_(kernel_size),
      options_(std::move(options)) {
  check();
}

void Conv2D::check() const {
  check_positive("Conv2D", "kernel_size", kernel_size_);
  check_positive("Conv2D", "strides", options_.strides);
  check_positive("Conv2D", "dilation_rate", options_.dilation_rate);
  check_padding("Conv2D", options_.padding);
  if (filters_ < 1 || options_.groups < 1 || filters_ % options_.groups != 0) {
    throw InvalidArgument(fmt::format(
        "[Conv2D] filters must be a positive multiple of groups, received filters={} groups={}",
        filters_, options_.groups));
  }
}

void Conv2D::describe(Fields& fields) {
  fields.required("filters", filters_).required("kernel_size", kernel_size_);
  fields("strides", options_.strides)("padding", options_.padding);
  fields.only("data_format", "channels_last");
  fields("dilation_rate", options_.dilation_rate)("groups", options_.groups);
  fields("activation", options_.activation)("use_bias", options_.use_bias);
  fields("kernel_initializer", options_.kernel_initializer);
  fields("bias_initializer", options_.bias_initializer);
  fields("kernel_regularizer", options_.kernel_regularizer);
  fields("bias_regularizer", options_.bias_regularizer);
  fields.only("activity_regularizer", Json());
  fields("kernel_constraint", options_.kernel_constraint);
  fields("bias_constraint", options_.bias_constraint);
  if (fields.reading()) check();
}

void Conv2D::build(const Shape& input_shape) {
  check_image(name(), input_shape);
  const std::int64_t channels = input_shape[3];
  if (channels % options_.groups != 0) {
    throw InvalidArgument(
        fmt::format("[{}] expected input channels divisible by groups={}, received {}", name(),
                    options_.groups, input_shape.str()));
  }
  const Conv2DOptions& o = options_;
  add_weight(kernel_, "kernel",
             {kernel_size_.height, kernel_size_.width, channels / o.groups, filters_},
             o.kernel_initializer, true, o.kernel_regularizer, o.kernel_constraint);
  if (!o.use_bias) return;
  add_weight(bias_, "bias", {filters_}, o.bias_initializer, true, o.bias_regularizer,
             o.bias_constraint);
}

Tensor Conv2D::call(const Tensor& x, const CallContext&) {
  check_image(name(), x.shape());
  if (x.dim(3) != kernel_.shape()[2] * options_.groups) {
    throw InvalidArgument(
        fmt::format("[{}] expected an input with {} channels (kernel is {}), "
                    "received {}",
                    name(), kernel_.shape()[2] * options_.groups, kernel_.shape().str(),
                    x.shape().with(0, kUnknown).str()));
  }
  const Window window = make_window({x.dim(1), x.dim(2)}, kernel_size_, options_.strides,
                                    options_.dilation_rate, options_.padding);
  Tensor y = ops::conv2d(x, kernel_, window, options_.groups);
  if (options_.use_bias) y = y + bias_.tensor();
  return options_.activation(y);
}

}  // namespace banach::layers
