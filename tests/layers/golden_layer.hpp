#pragma once

#include <doctest/doctest.h>
#include <tests/support/check_layer.hpp>
#include <tests/support/floatx_guard.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/tolerance.hpp>

namespace banach::testing {

/// A case of layers_f64.npz or layers_f32.npz, or of another pair of files with such keys.
struct GoldenLayer {
  std::string name;
  DType dtype;
  std::string files = "layers";

  const Array& operator[](const std::string& key) const {
    return golden(files + (dtype == float64 ? "_f64.npz" : "_f32.npz"), name + "/" + key);
  }
  double tolerance() const {
    return dtype == float64 ? Tolerance::kFloat64 : Tolerance::kFloat32Keras;
  }
  void compare(const Array& got, const std::string& key) const {
    INFO(name, " ", key, " ", std::string(name_of(dtype)));
    CHECK(relative_difference(got, (*this)[key]) <= tolerance());
  }
};

/// Output, gradients and, in training, moving statistics of a layer against Keras'.
template <class Make>
void check_golden(const GoldenLayer& keras, const Make& make, bool training = false) {
  const FloatxGuard guard(keras.dtype);
  auto layer = make();
  layer.compute_output_shape(keras["x"].shape());
  std::vector<Array> weights;
  while (weights.size() < layer.weights().size()) {
    weights.push_back(keras["w" + std::to_string(weights.size())]);
  }
  layer.set_weights(weights);
  const Derivatives got = differentiate(
      [&](const Tensor& x) { return layer(x, {.training = training}); }, keras["x"], keras["c"],
      layer.trainable_weights(), get_backend(keras.dtype == float64 ? "reference" : "cpu"));
  keras.compare(got.y, "y");
  keras.compare(got.dx, "dx");
  for (std::size_t i = 0; i < got.dw.size(); ++i) {
    keras.compare(got.dw[i], "dw" + std::to_string(i));
  }
  if (!training) return;
  keras.compare(layer.get_weights()[2], "mean");
  keras.compare(layer.get_weights()[3], "variance");
}

/// The same in both dtypes.
template <class Make>
void check_golden(const std::string& name, const Make& make, bool training = false) {
  for (const DType dtype : {float64, float32}) check_golden({name, dtype}, make, training);
}

/// A case of layers_more_f64.npz and layers_more_f32.npz.
template <class Make>
void check_more_golden(const std::string& name, const Make& make) {
  for (const DType dtype : {float64, float32}) check_golden({name, dtype, "layers_more"}, make);
}

}  // namespace banach::testing
