#pragma once

#include <banach/layers/layer.hpp>

namespace banach::layers {

struct NormalizationOptions {
  std::vector<double> mean = {};      ///< of each entry of the last axis, or one for all
  std::vector<double> variance = {};  ///< as many; without both, adapt() finds them
  bool invert = false;                ///< x * sqrt(variance) + mean instead
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// (x - mean) / sqrt(variance), so that each entry of the last axis gets mean 0 and variance 1:
/// what tables need in front of a network, kept in its file. Any shape with a known last axis.
/// Weights, unless given in the options: mean and variance (last axis,), count (). Keras:
/// layers/preprocessing/normalization.py, axis=-1.
class Normalization final : public LayerOf<Normalization> {
 public:
  explicit Normalization(NormalizationOptions options = {});

  /// Takes mean and variance of the data (samples, ...), anew at each call; models that have the
  /// layer follow at once. InvalidArgument when the options gave them, without samples, and for
  /// another last axis than before.
  void adapt(const Array& data);

  void build(const Shape& input_shape) override;
  Tensor call(const Tensor& x, const CallContext&) override;
  void describe(Fields& fields) override;

 private:
  void check() const;
  bool is_given() const { return !options_.mean.empty(); }

  NormalizationOptions options_;
  Variable mean_, variance_, count_;
};

}  // namespace banach::layers
