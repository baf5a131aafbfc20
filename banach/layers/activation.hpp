#pragma once

#include <banach/layers/layer.hpp>
#include <banach/nn/activations.hpp>

namespace banach::layers {

struct ActivationOptions {
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// An activation as a layer of its own; the shape stays. Keras: layers/activations/activation.py.
class Activation final : public LayerOf<Activation> {
 public:
  explicit Activation(ActivationFunction activation, const ActivationOptions& options = {})
      : LayerOf(common(options)), activation_(std::move(activation)) {}
  Tensor call(const Tensor& x, const CallContext&) override { return activation_(x); }
  void describe(Fields& fields) override { fields.required("activation", activation_); }

 private:
  ActivationFunction activation_;
};

}  // namespace banach::layers
