#pragma once

#include <banach/layers/layer.hpp>

namespace banach::layers {

struct InputOptions {
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
};

/// Says the shape of one sample, without the batch. Keras: layers/core/input_layer.py.
class Input final : public LayerOf<Input> {
 public:
  explicit Input(const Shape& shape, const InputOptions& options = {})
      : LayerOf(CommonOptions{true, options.name, options.dtype, shape}) {}
  std::string class_name() const override { return "InputLayer"; }
  Tensor call(const Tensor& x, const CallContext&) override { return x; }
};

}  // namespace banach::layers
