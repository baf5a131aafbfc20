#pragma once

#include <banach/layers/layer.hpp>

namespace banach::layers {

struct IdentityOptions {
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// x itself. Keras: layers/core/identity.py.
class Identity final : public LayerOf<Identity> {
 public:
  explicit Identity(const IdentityOptions& options = {}) : LayerOf(common(options)) {}
  Tensor call(const Tensor& x, const CallContext&) override { return x; }
};

}  // namespace banach::layers
