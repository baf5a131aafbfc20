#include <banach/layers/input.hpp>
#include <banach/layers/symbolic.hpp>

namespace banach::layers {

InputLayer::InputLayer(const Shape& shape, const InputOptions& options)
    : LayerOf(CommonOptions{true, options.name, options.dtype, shape}),
      batch_shape_(Shape{kUnknown}.concat(shape)),
      data_dtype_(name_of(dtype())) {}

Json InputLayer::get_config() const {
  return Json::dict({{"batch_shape", to_json(batch_shape_)},
                     {"dtype", data_dtype_},
                     {"sparse", false},
                     {"ragged", false},
                     {"name", name()},
                     {"optional", false}});
}

void InputLayer::set_config(const Json& config) {
  Fields fields(config, name_in(config));
  std::string layer_name = name();
  // TensorFlow 2 wrote batch_input_shape.
  fields("batch_input_shape", batch_shape_)("batch_shape", batch_shape_);
  fields("name", layer_name)("dtype", data_dtype_);
  fields.only("sparse", false).only("ragged", false).only("optional", false);
  rename(layer_name);
  if (batch_shape_.rank() == 0) {
    throw InvalidArgument("[" + layer_name + "] batch_shape: expected at least the batch's axis");
  }
  batch_shape_[0] = kUnknown;
}

Tensor Input(const InputLayer& layer) {
  return add_node(std::make_shared<LayerCallOp>(
                      layer.clone(), std::vector{TensorSpec{layer.batch_shape(), layer.dtype()}}),
                  {})
      .front();
}

Tensor Input(const Shape& shape, const InputOptions& options) {
  return Input(InputLayer(shape, options));
}

}  // namespace banach::layers
