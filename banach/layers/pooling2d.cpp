#include <banach/layers/image.hpp>
#include <banach/layers/pooling2d.hpp>
#include <banach/ops/pooling.hpp>

namespace banach::layers {
namespace {

Window window_on(const std::string& layer, const Tensor& x, const Size2& pool_size,
                 const Pooling2DOptions& options) {
  check_image(layer, x.shape());
  return make_window({x.dim(1), x.dim(2)}, pool_size, options.strides.value_or(pool_size), 1,
                     options.padding);
}

void check(const char* layer, const Size2& pool_size, const Pooling2DOptions& options) {
  check_positive(layer, "pool_size", pool_size);
  check_positive(layer, "strides", options.strides.value_or(pool_size));
  check_padding(layer, options.padding);
}

void describe_pooling(Fields& fields, const char* layer, Size2& pool_size,
                      Pooling2DOptions& options) {
  Size2 strides = options.strides.value_or(pool_size);
  fields("pool_size", pool_size)("padding", options.padding)("strides", strides);
  fields.only("data_format", "channels_last");
  if (!fields.reading()) return;
  options.strides = strides;
  check(layer, pool_size, options);
}

}  // namespace

MaxPooling2D::MaxPooling2D(Size2 pool_size, Pooling2DOptions options)
    : LayerOf(common(options)), pool_size_(pool_size), options_(std::move(options)) {
  check("MaxPooling2D", pool_size_, options_);
}

void MaxPooling2D::describe(Fields& fields) {
  describe_pooling(fields, "MaxPooling2D", pool_size_, options_);
}

Tensor MaxPooling2D::call(const Tensor& x, const CallContext&) {
  return ops::max_pool2d(x, window_on(name(), x, pool_size_, options_));
}

AveragePooling2D::AveragePooling2D(Size2 pool_size, Pooling2DOptions options)
    : LayerOf(common(options)), pool_size_(pool_size), options_(std::move(options)) {
  check("AveragePooling2D", pool_size_, options_);
}

void AveragePooling2D::describe(Fields& fields) {
  describe_pooling(fields, "AveragePooling2D", pool_size_, options_);
}

Tensor AveragePooling2D::call(const Tensor& x, const CallContext&) {
  return ops::average_pool2d(x, window_on(name(), x, pool_size_, options_));
}

}  // namespace banach::layers
