#pragma once

#include <banach/banach.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <tests/support/golden.hpp>
#include <tests/support/tolerance.hpp>

/// The networks of the golden training runs, see tests/golden/README.md, and how they are compared.
namespace banach::testing {

inline Sequential mlp_net() {
  using namespace layers;
  return Sequential({Input({20}), Dense(16, {.activation = "selu"}),
                     Dense(12, {.activation = "tanh"}), Dense(3, {.activation = "softmax"})});
}

inline Sequential cnn_net() {
  using namespace layers;
  return Sequential({Input({10, 9, 2}), Conv2D(4, 3, {.activation = "selu"}), MaxPooling2D(2),
                     Conv2D(6, 3, {.padding = "same", .activation = "relu"}), AveragePooling2D(2),
                     Flatten(), Dense(8, {.activation = "elu"}),
                     Dense(4, {.activation = "softmax"})});
}

inline Sequential bn_net() {
  using namespace layers;
  return Sequential({Input({8}), Dense(10), BatchNormalization(), layers::Activation("relu"),
                     Dense(3, {.activation = "softmax"})});
}

inline Sequential binary_net() {
  using namespace layers;
  return Sequential(
      {Input({6}), Dense(8, {.activation = "gelu"}), Dense(1, {.activation = "sigmoid"})});
}

inline Sequential regression_net() {
  using namespace layers;
  return Sequential({Input({5}), Dense(8, {.activation = "softplus"}), Dense(2)});
}

inline Sequential classweight_net() {
  using namespace layers;
  return Sequential(
      {Input({6}), Dense(8, {.activation = "selu"}), Dense(3, {.activation = "softmax"})});
}

/// Keras rounds momentum, betas and factors to float32 in float64 models, so there they are given
/// so.
inline double constant_for(DType dtype, double value) {
  return dtype == float64 ? static_cast<double>(static_cast<float>(value)) : value;
}

/// Every layer that takes them has regularizers and constraints.
inline Sequential regularized_net() {
  using namespace layers;
  const auto rounded = [](double value) { return constant_for(config::floatx(), value); };
  return Sequential(
      {Input({8, 8, 2}),
       Conv2D(4, 3,
              {.activation = "selu",
               .kernel_regularizer = regularizers::L1(1. / 512),
               .kernel_constraint = constraints::UnitNorm({0, 1, 2})}),
       Flatten(),
       Dense(12, {.activation = "tanh",
                  .kernel_regularizer = regularizers::L2(rounded(0.02)),
                  .bias_regularizer = regularizers::L1L2(rounded(0.01), rounded(0.02)),
                  .kernel_constraint = constraints::MaxNorm(0.75),
                  .bias_constraint = "non_neg"}),
       BatchNormalization(
           {.gamma_regularizer = regularizers::L2(rounded(0.01)), .beta_constraint = "non_neg"}),
       Dense(3, {.activation = "softmax",
                 .kernel_constraint = constraints::MinMaxNorm(
                     {.min_value = 0.5, .max_value = 0.75, .rate = 0.5})})});
}

inline Optimizer adam_for(DType dtype) {
  return optimizers::Adam(
      0.01, {.beta_1 = constant_for(dtype, 0.9), .beta_2 = constant_for(dtype, 0.999)});
}

/// `w0`, `w1`, ... or `v0`, `v1`, ... of a file.
inline std::vector<Array> numbered(const std::string& file, const std::string& prefix) {
  std::vector<Array> result;
  const auto& arrays = golden(file);
  for (auto found = arrays.find(prefix + "0"); found != arrays.end();
       found = arrays.find(prefix + std::to_string(result.size()))) {
    result.push_back(found->second);
  }
  return result;
}

inline void check_close(const std::string& what, double got, double expected, double tolerance) {
  INFO(what, " ", got, " expected ", expected);
  CHECK(std::abs(got - expected) <= tolerance * std::abs(expected));
}

/// |difference| over |total update| of a tensor that training took from `before` to `after`.
inline void check_update(const Array& got, const Array& before, const Array& after,
                         double tolerance) {
  const Array start = before.astype(float64);
  CHECK(norm_difference(got.astype(float64) - start, after.astype(float64) - start) <= tolerance);
}

}  // namespace banach::testing
