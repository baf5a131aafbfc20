#pragma once

#include <banach/layers/layer.hpp>

namespace banach::layers {

struct InputOptions {
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
};

/// Says the shape of one sample, without the batch. Keras: layers/core/input_layer.py.
class InputLayer final : public LayerOf<InputLayer> {
 public:
  explicit InputLayer(const Shape& shape, const InputOptions& options = {});
  Tensor call(const Tensor& x, const CallContext&) override { return x; }
  Json get_config() const override;
  void set_config(const Json& config) override;

  const Shape& batch_shape() const { return batch_shape_; }  ///< (None, ...)

 private:
  Shape batch_shape_;
  std::string data_dtype_;  // of the arrays to come, which are converted whatever it is
};

/// The beginning of a functional model: a tensor of shape (None, shape...) that layers take. As the
/// first layer of a Sequential it says the shape of its input. Keras: layers/core/input_layer.py.
Tensor Input(const Shape& shape, const InputOptions& options = {});
/// The tensor of an input layer that exists.
Tensor Input(const InputLayer& layer);

}  // namespace banach::layers
