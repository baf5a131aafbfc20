#pragma once

#include <banach/models/model.hpp>

#include <initializer_list>

namespace banach {

/// A layer of any class, shared: what containers of layers are made from.
class AnyLayer {
 public:
  AnyLayer(const Layer& layer) : layer_(layer.clone()) {}
  AnyLayer(std::shared_ptr<Layer> layer) : layer_(std::move(layer)) {}
  const std::shared_ptr<Layer>& get() const { return layer_; }

 private:
  std::shared_ptr<Layer> layer_;
};

struct SequentialOptions {
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// A stack of layers, each taking the output of the one before. Built as layers are added when the
/// first one says its input shape, else with the first data. Keras: models/sequential.py.
class Sequential final : public LayerOf<Sequential, Model> {
 public:
  explicit Sequential(const SequentialOptions& options = {});
  Sequential(std::initializer_list<AnyLayer> layers, const SequentialOptions& options = {});

  /// InvalidArgument when the layer does not take what the one before gives, or its name is taken;
  /// the model stays as it was.
  void add(const AnyLayer& layer);

  void build(const Shape& input_shape) override;
  Tensor call(const Tensor& x, const CallContext& context) override;
  std::vector<std::shared_ptr<Layer>> layers() const override;
  std::optional<Shape> model_input_shape() const override;
  std::vector<Shape> layer_output_shapes() const override;

 private:
  struct Stack;
  std::shared_ptr<Stack> stack_;
};

}  // namespace banach
