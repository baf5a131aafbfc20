#pragma once

#include <banach/models/model.hpp>

#include <initializer_list>

namespace banach {

/// A layer of any class, shared: what containers of layers are made from.
class AnyLayer {
 public:
  AnyLayer(const Layer& layer) : layer_(layer.clone()) {}
  AnyLayer(std::shared_ptr<Layer> layer) : layer_(std::move(layer)) {}
  AnyLayer(const Tensor& input);  ///< Input()
  const std::shared_ptr<Layer>& get() const { return layer_; }

 private:
  std::shared_ptr<Layer> layer_;
};

using SequentialOptions = ModelOptions;

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
  std::shared_ptr<const FunctionalGraph> graph() const override;
  Tensors call_many(const Tensors& inputs, const CallContext& context) override {
    return Layer::call_many(inputs, context);
  }
  Json get_config() const override;
  void set_config(const Json& config) override;

 private:
  struct Stack;
  void check_addable(const Layer& layer) const;

  std::shared_ptr<Stack> stack_;
};

}  // namespace banach
