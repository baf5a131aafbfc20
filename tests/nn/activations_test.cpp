#include <banach/core/errors.hpp>
#include <banach/nn/activations.hpp>
#include <banach/nn/serialization.hpp>
#include <doctest/doctest.h>
#include <tests/nn/elementwise.hpp>
#include <tests/support/check_layer.hpp>
#include <tests/support/floatx_guard.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/tolerance.hpp>

#include <cmath>
#include <set>

using namespace banach;
using namespace banach::testing;

namespace {

const char* const kFile = "activations.npz";

struct Case {
  std::string key;
  ActivationFunction function;
};

// Every name, and the forms with an argument.
std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const std::string& name : activations::names()) {
    const std::string key = name == "swish" ? "silu" : name == "hard_swish" ? "hard_silu" : name;
    cases.push_back({key, name});
  }
  cases.push_back({"gelu_tanh", [](const Tensor& x) { return activations::gelu(x, true); }});
  cases.push_back({"elu_alpha2", [](const Tensor& x) { return activations::elu(x, 2); }});
  return cases;
}

// TensorFlow rounds constants of these to float32.
double float64_tolerance(const std::string& key) {
  static const std::set<std::string> rounded = {"leaky_relu", "gelu", "gelu_tanh"};
  return rounded.contains(key) ? Tolerance::kFloat64Rounded : Tolerance::kFloat64;
}

void check_case(const Case& test, DType dtype, const char* backend, double tolerance) {
  INFO(test.key, " ", std::string(backend));
  const Array x = golden(kFile, "x").astype(dtype), cotangent = golden(kFile, "c").astype(dtype);
  const Derivatives got = differentiate(test.function, x, cotangent, {}, get_backend(backend));
  CHECK(got.y.dtype() == dtype);
  CHECK(elementwise_difference(got.y, golden(kFile, test.key)) <= tolerance);
  CHECK(elementwise_difference(got.dx, golden(kFile, test.key + "_dx")) <= tolerance);
}

struct ArrayForm {
  const char* name;
  Array (*function)(const Array&);
};

constexpr ArrayForm kArrayForms[] = {{"linear", activations::linear},
                                     {"relu", activations::relu},
                                     {"selu", activations::selu},
                                     {"elu", activations::elu},
                                     {"sigmoid", activations::sigmoid},
                                     {"tanh", activations::tanh},
                                     {"softmax", activations::softmax},
                                     {"softplus", activations::softplus},
                                     {"softsign", activations::softsign},
                                     {"exponential", activations::exponential},
                                     {"gelu", activations::gelu},
                                     {"silu", activations::silu},
                                     {"leaky_relu", activations::leaky_relu},
                                     {"relu6", activations::relu6},
                                     {"hard_sigmoid", activations::hard_sigmoid},
                                     {"hard_silu", activations::hard_silu},
                                     {"hard_tanh", activations::hard_tanh},
                                     {"tanh_shrink", activations::tanh_shrink},
                                     {"mish", activations::mish},
                                     {"log_sigmoid", activations::log_sigmoid},
                                     {"log_softmax", activations::log_softmax}};

double slope_at(double x, const ActivationFunction& function, DType dtype) {
  return differentiate(function, Array::full({1}, x, dtype), Array::full({1}, 1, dtype)).dx.flat(0);
}

}  // namespace

TEST_CASE("activations and their gradients are Keras', float64 on the reference backend") {
  for (const Case& test : all_cases()) {
    check_case(test, float64, "reference", float64_tolerance(test.key));
  }
}

TEST_CASE("activations and their gradients are Keras', float32 on the cpu") {
  for (const Case& test : all_cases()) check_case(test, float32, "cpu", Tolerance::kFloat32Keras);
}

TEST_CASE("activations on arrays are Keras'") {
  CHECK(std::size(kArrayForms) + 2 == activations::names().size());  // swish is silu, twice
  for (const ArrayForm& form : kArrayForms) {
    INFO(std::string(form.name));
    const Array y = form.function(golden(kFile, "x"));
    CHECK(y.dtype() == float64);
    CHECK(elementwise_difference(y, golden(kFile, form.name)) <= float64_tolerance(form.name));
    const Array y32 = form.function(golden(kFile, "x").astype(float32));
    CHECK(y32.dtype() == float32);
    CHECK(elementwise_difference(y32, golden(kFile, form.name)) <= Tolerance::kFloat32Keras);
  }
}

TEST_CASE("integer arrays become floatx first") {
  CHECK(activations::selu(Array::of<std::int32_t>({1})).dtype() == float32);
  const FloatxGuard guard(float64);
  const Array y = activations::selu(Array::of<std::int32_t>({1, 0}));
  CHECK(y.dtype() == float64);
  CHECK(y.flat(0) == 1.0507009873554804934193349852946);
  CHECK(y.flat(1) == 0);
}

TEST_CASE("slopes at 0 are those of TensorFlow's CPU kernels") {
  for (const DType dtype : {float32, float64}) {
    CHECK(slope_at(0, "selu", dtype) == doctest::Approx(1.0507009873554805).epsilon(1e-7));
    CHECK(slope_at(0, "elu", dtype) == 1);
    CHECK(slope_at(0, "relu", dtype) == 0);
    CHECK(slope_at(0, "leaky_relu", dtype) == doctest::Approx(0.2).epsilon(1e-7));
    CHECK(slope_at(0, "softsign", dtype) == 1);
  }
}

TEST_CASE("an activation is named by its name, its function, or 'custom'") {
  CHECK(ActivationFunction().name() == "linear");
  CHECK(ActivationFunction("selu").name() == "selu");
  CHECK(ActivationFunction(activations::selu).name() == "selu");
  CHECK(ActivationFunction([](const Tensor& x) { return x; }).name() == "custom");
}

TEST_CASE("selu in float64 is the paper's to the last digits") {
  const Array y = activations::selu(Array::of<double>({-5, -1, -.5, .5, 1, 3}));
  const Array expected =
      Array::of<double>({-1.7462533606696201, -1.1113307378125628, -0.6917581878028714,
                         0.52535049367774025, 1.0507009873554805, 3.1521029620664415});
  CHECK(max_abs_difference(y, expected) <= 5e-16);
}

TEST_CASE("selu with another fixed point") {
  const ActivationFunction selu = activations::Selu({.mean = 0, .variance = 2});
  const Array x = Array::of<double>({-1, 2}), dy = Array::full({2}, 1, float64);
  const Derivatives got = differentiate(selu, x, dy, {}, get_backend("reference"));
  constexpr double alpha = 1.9712557503462689, scale = 1.0607090761030122;
  CHECK(got.y.flat(0) == doctest::Approx(scale * alpha * std::expm1(-1)).epsilon(1e-14));
  CHECK(got.y.flat(1) == doctest::Approx(2 * scale).epsilon(1e-14));
  CHECK(got.dx.flat(0) == doctest::Approx(scale * alpha * std::exp(-1)).epsilon(1e-14));
  CHECK(got.dx.flat(1) == doctest::Approx(scale).epsilon(1e-14));
  CHECK_THROWS_AS(activations::Selu({.mean = 0, .variance = -1}), InvalidArgument);
}

TEST_CASE("selu with another fixed point has a config of banach's own, with (0, 1) Keras'") {
  const ActivationFunction selu = activations::Selu({.mean = -.1, .variance = 2});
  const Json json = to_json(selu);
  CHECK(json == serialized("banach", "Selu", Json::dict({{"mean", -.1}, {"variance", 2.0}}),
                           "banach>Selu"));
  ActivationFunction read;
  from_json(json, read);
  CHECK(read.name() == "Selu");
  CHECK(to_json(read) == json);
  CHECK(to_json(activations::Selu({.mean = 0, .variance = 1})) == Json("selu"));
  Json broken = json;
  broken["config"] = Json::dict({{"mean", -.1}});
  CHECK_THROWS_WITH_AS(from_json(broken, read), "[moments] variance: missing from the config",
                       InvalidArgument);
}

TEST_CASE("an unknown activation names the nearest") {
  CHECK_THROWS_WITH_AS(
      ActivationFunction("seluu"),
      doctest::Contains("unknown activation 'seluu'. Did you mean 'selu'? Known: linear, relu, "),
      InvalidArgument);
}
