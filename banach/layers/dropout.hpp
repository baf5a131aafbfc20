#pragma once

#include <banach/layers/layer.hpp>
#include <banach/snn/moments.hpp>

namespace banach::layers {

struct DropoutOptions {
  std::optional<Shape> noise_shape = {};   ///< shape of the mask; -1 takes the input's, 1 repeats
  std::optional<std::uint64_t> seed = {};  ///< default: drawn from utils::set_random_seed's stream
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// In training, drops each value with probability `rate` and scales the others by 1 / (1 - rate);
/// else the identity. Keras: layers/regularization/dropout.py.
class Dropout final : public LayerOf<Dropout> {
 public:
  explicit Dropout(double rate, const DropoutOptions& options = {});
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;
  std::uint64_t* random_seed() override { return seed_.get(); }

 private:
  double rate_;
  DropoutOptions options_;
  std::shared_ptr<std::uint64_t> seed_;
};

struct AlphaDropoutOptions {
  std::optional<Shape> noise_shape = {};   ///< shape of the mask; -1 takes the input's, 1 repeats
  std::optional<std::uint64_t> seed = {};  ///< default: drawn from utils::set_random_seed's stream
  /// Moments to keep: those of the activation, activations::Selu(fixed_point). Not in Keras, which
  /// refuses configs with others than the default's.
  snn::FixedPoint fixed_point = {};
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// Dropout that keeps mean 0 and variance 1: dropped values become SELU's limit -scale * alpha,
/// then one affine map restores the moments (Klambauer et al. 2017, section 3). For networks of
/// SELU and LecunNormal; the paper recommends rates of 0.05 to 0.1. At rate 1 the output is 0, the
/// mean (Keras divides by zero there). Keras: layers/regularization/alpha_dropout.py.
class AlphaDropout final : public LayerOf<AlphaDropout> {
 public:
  /// InvalidArgument for a rate outside [0, 1] and a fixed point that SELU cannot have.
  explicit AlphaDropout(double rate, const AlphaDropoutOptions& options = {});
  Tensor call(const Tensor& x, const CallContext& context) override;
  void describe(Fields& fields) override;
  std::uint64_t* random_seed() override { return seed_.get(); }

 private:
  double rate_;
  AlphaDropoutOptions options_;
  std::shared_ptr<std::uint64_t> seed_;
};

}  // namespace banach::layers
