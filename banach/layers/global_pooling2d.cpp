#include <banach/layers/global_pooling2d.hpp>
#include <banach/layers/image.hpp>
#include <banach/ops/reduce.hpp>

namespace banach::layers {

void GlobalAveragePooling2D::describe(Fields& fields) {
  fields.only("data_format", "channels_last");
  fields("keepdims", options_.keepdims);
}

Tensor GlobalAveragePooling2D::call(const Tensor& x, const CallContext&) {
  check_image(name(), x.shape());
  return ops::mean(x, {1, 2}, options_.keepdims);
}

void GlobalMaxPooling2D::describe(Fields& fields) {
  fields.only("data_format", "channels_last");
  fields("keepdims", options_.keepdims);
}

Tensor GlobalMaxPooling2D::call(const Tensor& x, const CallContext&) {
  check_image(name(), x.shape());
  return ops::max(x, {1, 2}, options_.keepdims);
}

}  // namespace banach::layers
