#pragma once

#include <doctest/doctest.h>
#include <tests/support/check_layer.hpp>
#include <tests/support/floatx_guard.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/tolerance.hpp>

namespace banach::testing {

/// A case of layers_f64.npz or layers_f32.npz.
struct GoldenLayer {
  std::string name;
  DType dtype;

  const Array& operator[](const std::string& key) const {
    return golden(dtype == float64 ? "layers_f64.npz" : "layers_f32.npz", name + "/" + key);
  }
  double tolerance() const {
    return dtype == float64 ? Tolerance::kFloat64 : Tolerance::kFloat32Keras;
  }
  void compare(const Array& got, const std::string& key) const {
    INFO(name, " ", key, " ", std::string(name_of(dtype)));
    CHECK(relative_difference(got, (*this)[key]) <= tolerance());
  }
};

/// Output, gradients and, in training, moving statistics of a layer against Keras' in both dtypes.
template <class Make>
void check_golden(const std::string& name, const Make& make, bool training = false) {
  for (const DType dtype : {float64, float32}) {
    const GoldenLayer keras{name, dtype};
    const FloatxGuard guard(dtype);
    auto layer = make();
    layer.compute_output_shape(keras["x"].shape());
    std::vector<Array> weights;
    while (weights.size() < layer.weights().size()) {
      weights.push_back(keras["w" + std::to_string(weights.size())]);
    }
    layer.set_weights(weights);
    const Derivatives got = differentiate(
        [&](const Tensor& x) { return layer(x, {.training = training}); }, keras["x"], keras["c"],
        layer.trainable_weights(), get_backend(dtype == float64 ? "reference" : "cpu"));
    keras.compare(got.y, "y");
    keras.compare(got.dx, "dx");
    for (std::size_t i = 0; i < got.dw.size(); ++i)
      keras.compare(got.dw[i], "dw" + std::to_string(i));
    if (!training) continue;
    keras.compare(layer.get_weights()[2], "mean");
    keras.compare(layer.get_weights()[3], "variance");
  }
}

}  // namespace banach::testing
