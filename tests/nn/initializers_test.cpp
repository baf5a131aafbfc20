#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/nn/initializers.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace banach;
using namespace banach::initializers;

namespace {

constexpr std::uint64_t kSeed = 20240607;

const Shape kDense = {400, 1000};     // fan_in 400, fan_out 1000
const Shape kConv = {5, 5, 64, 256};  // fan_in 1600, fan_out 6400

double largest_abs(const Array& array) {
  double largest = 0;
  for (const float x : array.values<float>()) largest = std::max(largest, std::abs(double{x}));
  return largest;
}

bool same(const Array& a, const Array& b) { return max_abs_difference(a, b) == 0; }

// Mean 0, and variance times fan 1 within .005, for a kernel of 400,000 weights.
void check_variance(const Initializer& initializer, const Shape& shape, double fan) {
  INFO(initializer.name(), " ", shape.str(), " seed ", kSeed);
  const Array weights = initializer(shape);
  CHECK(weights.dtype() == float32);
  CHECK(std::abs(mean(weights)) * std::sqrt(fan) <= 0.01);
  CHECK(std::abs(fan * variance(weights) - 1) <= 0.005);
}

}  // namespace

TEST_CASE("LecunNormal has variance 1 / fan_in after its truncation at 2 standard deviations") {
  INFO("seed ", kSeed);
  for (const Shape& shape : {kDense, kConv}) {
    const double fan_in = compute_fans(shape).in;
    check_variance(LecunNormal(kSeed), shape, fan_in);
    const double bound = 2 / 0.87962566103423978 / std::sqrt(fan_in);  // 2.27369 / sqrt(fan_in)
    const double reached = largest_abs(LecunNormal(kSeed)(shape));
    CHECK(reached <= bound * (1 + 1e-6));
    CHECK(reached >= bound * 0.999);
  }
}

TEST_CASE("the others have their variances too") {
  for (const Shape& shape : {kDense, kConv}) {
    const Fans fans = compute_fans(shape);
    const double average = (fans.in + fans.out) / 2;
    check_variance(LecunUniform(kSeed), shape, fans.in);
    check_variance(GlorotNormal(kSeed), shape, average);
    check_variance(GlorotUniform(kSeed), shape, average);
    check_variance(HeNormal(kSeed), shape, fans.in / 2);
    check_variance(HeUniform(kSeed), shape, fans.in / 2);
    check_variance(
        VarianceScaling(
            {.scale = 3, .mode = "fan_out", .distribution = "untruncated_normal", .seed = kSeed}),
        shape, fans.out / 3);
  }
}

TEST_CASE("uniform distributions fill their interval") {
  const auto check = [](const Initializer& initializer, double limit) {
    INFO(initializer.name(), " seed ", kSeed);
    const double reached = largest_abs(initializer(kDense));
    CHECK(reached <= limit * (1 + 1e-6));
    CHECK(reached >= limit * 0.999);
  };
  check(LecunUniform(kSeed), std::sqrt(3.0 / 400));
  check(GlorotUniform(kSeed), std::sqrt(6.0 / 1400));
  check(HeUniform(kSeed), std::sqrt(6.0 / 400));
  check(RandomUniform(-0.3, 0.3, kSeed), 0.3);
}

TEST_CASE("normal distributions have the mean and deviation asked for") {
  INFO("seed ", kSeed);
  const Array normal = RandomNormal(2, 0.5, kSeed)(kDense);
  CHECK(mean(normal) == doctest::Approx(2).epsilon(0.002));
  CHECK(variance(normal) == doctest::Approx(0.25).epsilon(0.01));
  const Array truncated = TruncatedNormal(0, 0.5, kSeed)(kDense);
  CHECK(largest_abs(truncated) <= 1);  // Keras corrects the deviation in VarianceScaling only
  CHECK(std::sqrt(variance(truncated)) == doctest::Approx(0.5 * 0.87962566).epsilon(0.005));
}

TEST_CASE("fans are Keras' compute_fans") {
  const auto check = [](const Shape& shape, double in, double out) {
    INFO(shape.str());
    CHECK(compute_fans(shape).in == in);
    CHECK(compute_fans(shape).out == out);
  };
  check({}, 1, 1);
  check({7}, 7, 7);
  check({784, 256}, 784, 256);
  check({3, 3, 16, 32}, 144, 288);
  check({3, 16, 32}, 48, 96);
}

TEST_CASE("one object without a seed gives different weights, with a seed the same") {
  const Initializer lecun = LecunNormal(), seeded = LecunNormal(5);
  CHECK_FALSE(same(lecun({20, 30}), lecun({20, 30})));
  CHECK(same(seeded({20, 30}), seeded({20, 30})));
  CHECK(same(seeded({20, 30}), LecunNormal(5)({20, 30})));
  CHECK_FALSE(same(seeded({20, 30}), LecunNormal(6)({20, 30})));
}

TEST_CASE("set_random_seed makes unseeded initializers repeat") {
  utils::set_random_seed(kSeed);
  const Array first = GlorotUniform()({4, 5});
  utils::set_random_seed(kSeed);
  CHECK(same(first, GlorotUniform()({4, 5})));
}

TEST_CASE("constants, dtypes and names") {
  CHECK(same(Zeros()({2, 3}), Array({2, 3})));
  CHECK(same(Ones()({2, 3}), Array::full({2, 3}, 1)));
  CHECK(same(Constant(0.25)({4}, float64), Array::full({4}, 0.25, float64)));
  CHECK(LecunNormal()({2, 3}, float64).dtype() == float64);
  CHECK(Initializer("lecun_normal").name() == "LecunNormal");
  CHECK(Initializer("LecunNormal").name() == "LecunNormal");
  for (const std::string& name : names()) {
    CHECK(Initializer(name)({2, 3}).shape() == Shape{2, 3});
  }
}

TEST_CASE("initializers say what is wrong") {
  CHECK_THROWS_WITH_AS(Initializer("lecunnormal"),
                       doctest::Contains("unknown initializer 'lecunnormal'. Did you mean "
                                         "'lecun_normal'? Known: variance_scaling, lecun_normal, "),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(VarianceScaling({.scale = 0}),
                       "[VarianceScaling] scale must be positive, received 0", InvalidArgument);
  CHECK_THROWS_WITH_AS(VarianceScaling({.mode = "fan"}),
                       "[VarianceScaling] mode must be one of fan_in, fan_out, fan_avg, received "
                       "'fan'",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(VarianceScaling({.distribution = "gauss"}),
                       "[VarianceScaling] distribution must be one of normal, truncated_normal, "
                       "untruncated_normal, uniform, received 'gauss'",
                       InvalidArgument);
}
