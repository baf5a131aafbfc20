#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/graph/tape.hpp>
#include <banach/layers/activation.hpp>
#include <banach/layers/dropout.hpp>
#include <banach/ops/elementwise.hpp>
#include <tests/layers/golden_layer.hpp>

#include <cmath>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

namespace {

constexpr CallContext kTraining{.training = true};
constexpr std::uint64_t kSeed = 7;

bool same(const Array& a, const Array& b) { return max_abs_difference(a, b) == 0; }

// The share of elements that are this value.
double share_of(const Array& y, double value) {
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < y.size(); ++i) count += std::abs(y.flat(i) - value) < 1e-6 ? 1 : 0;
  return static_cast<double>(count) / static_cast<double>(y.size());
}

}  // namespace

TEST_CASE_TEMPLATE("dropouts: identity in inference and at rate 0, another mask each call", L,
                   Dropout, AlphaDropout) {
  const Array x = normal_array({40, 50}, 1);
  L layer(0.5);
  check_layer(layer, x);
  CHECK(same(layer(x), x));
  CHECK(same(L(0)(x, kTraining), x));
  CHECK_FALSE(same(layer(x, kTraining), layer(x, kTraining)));
  CHECK_FALSE(same(L(0.5)(x, kTraining), L(0.5)(x, kTraining)));
}

TEST_CASE_TEMPLATE("dropouts: a seed repeats the masks, call by call", L, Dropout, AlphaDropout) {
  const Array x = Array::full({40, 50}, 1);
  L first(0.5, {.seed = kSeed}), second(0.5, {.seed = kSeed}), other(0.5, {.seed = kSeed + 1});
  const Array one = first(x, kTraining), two = first(x, kTraining);
  CHECK_FALSE(same(one, two));
  CHECK(same(second(x, kTraining), one));
  CHECK(same(second(x, kTraining), two));
  CHECK_FALSE(same(other(x, kTraining), one));
}

TEST_CASE_TEMPLATE("dropouts: set_random_seed repeats those without a seed", L, Dropout,
                   AlphaDropout) {
  const Array x = Array::full({40, 50}, 1);
  utils::set_random_seed(kSeed);
  const Array first = L(0.5)(x, kTraining);
  utils::set_random_seed(kSeed);
  CHECK(same(L(0.5)(x, kTraining), first));
}

TEST_CASE_TEMPLATE("dropouts: noise_shape repeats the mask along axes of size 1", L, Dropout,
                   AlphaDropout) {
  const Array x = Array::full({30, 4, 50}, 1);
  L layer(0.5, {.noise_shape = Shape{kUnknown, 1, 50}});
  const Array y = layer(x, kTraining);
  for (std::int64_t i = 0; i < 30; ++i) {
    for (std::int64_t step = 1; step < 4; ++step) CHECK(same(y[i][step], y[i][0]));
  }
  CHECK_FALSE(same(y[0], y[1]));
  L misfit(0.5, {.noise_shape = Shape{1, 50}, .name = "drop"});
  CHECK_THROWS_WITH_AS(misfit(x, kTraining),
                       "[drop] noise_shape (1, 50) must have one entry for each of the 3 axes of "
                       "the input (None, 4, 50)",
                       InvalidArgument);
}

TEST_CASE_TEMPLATE("dropouts: two calls in one trace draw two masks", L, Dropout, AlphaDropout) {
  L layer(0.5, {.seed = kSeed});
  const Array x = Array::full({40, 50}, 1);
  const auto twice = [&](const Tensor& t) { return layer(t, kTraining) - layer(t, kTraining); };
  CHECK_FALSE(same(differentiate(twice, x, x).y, Array({40, 50})));
}

TEST_CASE("Dropout drops rate of the values and scales the others, forward and backward") {
  INFO("seed ", kSeed);
  Dropout layer(0.25, {.seed = kSeed});
  const Array x = Array::full({1000, 1000}, 1);
  const Derivatives got = differentiate([&](const Tensor& t) { return layer(t, kTraining); }, x, x);
  CHECK(std::abs(share_of(got.y, 0) - 0.25) <= 0.002);
  CHECK(share_of(got.y, 4.0 / 3) + share_of(got.y, 0) == doctest::Approx(1));
  CHECK(same(got.dx, got.y));  // x and dy are 1
  CHECK(same(Dropout(1)(x, kTraining), Array({1000, 1000})));
}

TEST_CASE("AlphaDropout is y = a (x kept + alpha' (1 - kept)) + b, and dx = a kept dy") {
  struct Constants {
    double rate, a, b;  // checked against Keras, see alpha_dropout.py
  };
  for (const auto& [rate, a, b] :
       {Constants{.05, .954844476, .083935572}, Constants{.1, .921284516, .161970970},
        Constants{.25, .867257924, .381181396}, Constants{.5, .886404895, .779193931}}) {
    INFO("rate ", rate, " seed ", kSeed);
    AlphaDropout layer(rate, {.seed = kSeed, .dtype = float64});
    const Array x = Array::full({300, 300}, 2, float64);
    const Derivatives got = differentiate([&](const Tensor& t) { return layer(t, kTraining); }, x,
                                          Array::full({300, 300}, 1, float64));
    const double kept = a * 2 + b, dropped = a * -1.7580993408473766 + b;
    CHECK(std::abs(share_of(got.y, dropped) - rate) <= 0.006);
    CHECK(share_of(got.y, kept) + share_of(got.y, dropped) == doctest::Approx(1));
    CHECK(max_abs_difference(got.dx, (got.y - dropped) * (a / (kept - dropped))) <= 1e-7);
  }
}

TEST_CASE("AlphaDropout keeps mean 0 and variance 1 of selu(N(0, 1))") {
  layers::Activation selu("selu");
  const Array x = selu(normal_array({1000, 1000}, kSeed));
  for (const double rate : {.05, .1, .25, .5}) {
    INFO("rate ", rate, " seed ", kSeed);
    const Array y = AlphaDropout(rate, {.seed = kSeed})(x, kTraining);
    CHECK(std::abs(mean(y)) <= 0.004);
    CHECK(std::abs(variance(y) - 1) <= 0.006);
  }
}

TEST_CASE("SELU and AlphaDropout keep another fixed point") {
  for (const snn::FixedPoint& point : {snn::FixedPoint{0, 2}, {-.2, .5}, {.3, 1}}) {
    layers::Activation selu(activations::Selu(point));
    const double size = std::hypot(point.mean, std::sqrt(point.variance));
    const Array x = selu(normal_array({1000, 1000}, kSeed) * size);
    for (const double rate : {0., .05, .5}) {
      INFO("mean ", point.mean, " variance ", point.variance, " rate ", rate, " seed ", kSeed);
      AlphaDropout dropout(rate, {.seed = kSeed, .fixed_point = point});
      const Array y = dropout(x, kTraining);
      CHECK(std::abs(mean(y) - point.mean) <= 0.006);
      CHECK(std::abs(variance(y) - point.variance) <= 0.006 * point.variance);
    }
    CHECK(same(AlphaDropout(1, {.fixed_point = point})(x, kTraining),
               Array::full({1000, 1000}, point.mean)));
  }
}

TEST_CASE("AlphaDropout's config has a fixed point when it is another than Keras'") {
  AlphaDropout plain(.1, {.seed = kSeed}), other(.1, {.fixed_point = {0, 2}});
  CHECK(plain.get_config().find("fixed_point") == nullptr);
  Json config = other.get_config();
  CHECK(config.at("fixed_point") == Json::dict({{"mean", 0.0}, {"variance", 2.0}}));
  AlphaDropout read(.5);
  read.set_config(config);
  CHECK(read.get_config() == config);
  config["fixed_point"]["variance"] = -1.0;
  CHECK_THROWS_AS(read.set_config(config), InvalidArgument);
  CHECK_THROWS_AS(AlphaDropout(.1, {.fixed_point = {2, 1}}), InvalidArgument);
}

TEST_CASE("AlphaDropout at rate 1 gives 0, where Keras divides by zero") {
  const Array x = normal_array({40, 50}, 1);
  AlphaDropout layer(1);
  CHECK(same(layer(x, kTraining), Array({40, 50})));
  CHECK(same(layer(x), x));
}

TEST_CASE("dropouts say what is wrong") {
  AlphaDropout layer(0.5, {.name = "drop"});
  CHECK_THROWS_WITH_AS(layer(constant(Array({2, 3})), kTraining),
                       "[drop] in training a tensor can be dropped only inside call(): call the "
                       "layer on an Array",
                       RuntimeError);
  CHECK_THROWS_WITH_AS(Dropout(-0.5), "[Dropout] rate must be in [0, 1], received -0.5",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(AlphaDropout(1.5), "[AlphaDropout] rate must be in [0, 1], received 1.5",
                       InvalidArgument);
}
