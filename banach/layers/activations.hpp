#pragma once

// The activations that have a layer of their own in Keras, because they take numbers or weights.

#include <banach/layers/layer.hpp>

#include <vector>

namespace banach::layers {

struct ReLUOptions {
  double negative_slope = 0;  ///< of values below the threshold
  double threshold = 0;
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// x >= max_value: max_value; x >= threshold: x; else negative_slope (x - threshold). Without a
/// max_value there is no upper limit. Keras: layers/activations/relu.py.
class ReLU final : public LayerOf<ReLU> {
 public:
  explicit ReLU(std::optional<double> max_value = {}, const ReLUOptions& options = {});
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  void check() const;

  std::optional<double> max_value_;
  ReLUOptions options_;
};

struct ActivationLayerOptions {
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// x >= 0: x; else negative_slope x. Keras: layers/activations/leaky_relu.py.
class LeakyReLU final : public LayerOf<LeakyReLU> {
 public:
  explicit LeakyReLU(double negative_slope = 0.3, const ActivationLayerOptions& options = {});
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  void check() const;

  double negative_slope_;
};

/// x >= 0: x; else alpha (e^x - 1). Keras: layers/activations/elu.py.
class ELU final : public LayerOf<ELU> {
 public:
  explicit ELU(double alpha = 1, const ActivationLayerOptions& options = {})
      : LayerOf(common(options)), alpha_(alpha) {}
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  double alpha_;
};

/// exp(x) / sum(exp(x)) along an axis. Keras: layers/activations/softmax.py, without a mask.
class Softmax final : public LayerOf<Softmax> {
 public:
  explicit Softmax(int axis = -1, const ActivationLayerOptions& options = {})
      : LayerOf(common(options)), axis_(axis) {}
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  int axis_;
};

struct PReLUOptions {
  Initializer alpha_initializer = "zeros";
  std::vector<int> shared_axes = {};  ///< axes (from 1 on) whose elements have one alpha
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// x >= 0: x; else alpha x, with a weight alpha of the shape of a sample, 1 on shared axes.
/// Keras: layers/activations/prelu.py.
class PReLU final : public LayerOf<PReLU> {
 public:
  explicit PReLU(PReLUOptions options = {})
      : LayerOf(common(options)), options_(std::move(options)) {}
  void build(const Shape& input_shape) override;
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;

 private:
  PReLUOptions options_;
  Variable alpha_;
};

}  // namespace banach::layers
