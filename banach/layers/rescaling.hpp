#pragma once

#include <banach/layers/layer.hpp>

namespace banach::layers {

struct RescalingOptions {
  double offset = 0;
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// x * scale + offset. In front of a model it lets images stay bytes: fit, evaluate and predict
/// convert a batch at a time, so `Rescaling(1. / 255)` needs no float copy of the data.
/// Keras: layers/preprocessing/image_preprocessing/rescaling.py (numbers; no arrays).
class Rescaling final : public LayerOf<Rescaling> {
 public:
  explicit Rescaling(double scale, const RescalingOptions& options = {})
      : LayerOf(common(options)), scale_(scale), offset_(options.offset) {}
  Tensor call(const Tensor& x, const CallContext&) override;
  void describe(Fields& fields) override;

 private:
  double scale_, offset_;
};

}  // namespace banach::layers
