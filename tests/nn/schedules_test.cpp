#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <banach/nn/schedules.hpp>
#include <doctest/doctest.h>
#include <tests/support/golden.hpp>
#include <tests/support/tolerance.hpp>

using namespace banach;
using namespace banach::testing;
using namespace banach::optimizers::schedules;

namespace {

struct Case {
  const char* key;
  LearningRateSchedule schedule;
};

const Case kCases[] = {
    {"exponential", ExponentialDecay(0.1, 7, 0.5)},
    {"exponential_staircase", ExponentialDecay(0.1, 7, 0.5, {.staircase = true})},
    {"inverse_time", InverseTimeDecay(0.1, 7, 0.5)},
    {"inverse_time_staircase", InverseTimeDecay(0.1, 7, 0.5, {.staircase = true})},
    {"piecewise", PiecewiseConstantDecay({3, 10, 20}, {1, 0.5, 0.2, 0.1})},
    {"polynomial", PolynomialDecay(0.1, 12, {.end_learning_rate = 0.01, .power = 2})},
    {"polynomial_cycle", PolynomialDecay(0.1, 7, {.end_learning_rate = 0.01, .cycle = true})},
    {"cosine", CosineDecay(0.1, 20, {.alpha = 0.25})},
    {"cosine_warmup", CosineDecay(0, 20, {.warmup_target = 0.5, .warmup_steps = 5})},
    {"cosine_restarts", CosineDecayRestarts(0.1, 5, {.m_mul = 0.5, .alpha = 0.25})},
    {"cosine_restarts_equal", CosineDecayRestarts(0.1, 5, {.t_mul = 1})}};

}  // namespace

TEST_CASE("schedules give Keras' rates") {
  for (const Case& test : kCases) {
    CAPTURE(std::string(test.key));
    const Array& expected = golden("schedules.npz", test.key);
    for (std::int64_t step = 0; step < expected.size(); ++step) {
      CAPTURE(step);
      CHECK(std::abs(test.schedule(step) - expected.flat(step)) <= Tolerance::kFloat64);
    }
  }
}

TEST_CASE("schedules have Keras' configs, and come back from them") {
  for (const Case& test : kCases) {
    CAPTURE(std::string(test.key));
    const Json& json = golden_config("schedules", test.key);
    CHECK(to_json(test.schedule) == json);
    LearningRate rate;
    from_json(json, rate);
    REQUIRE(rate.schedule() != nullptr);
    CHECK(to_json(rate) == json);
    CHECK(rate.at(9) == test.schedule(9));
  }
  CHECK(to_json(LearningRate(0.5)) == Json(0.5));
}

TEST_CASE("schedules say what is wrong") {
  CHECK_THROWS_WITH_AS(CosineDecay(0.1, 0),
                       "[CosineDecay] decay_steps must be positive, received 0", InvalidArgument);
  CHECK_THROWS_WITH_AS(PiecewiseConstantDecay({1, 2}, {0.1, 0.2}),
                       "[PiecewiseConstantDecay] expected one value more than boundaries, received "
                       "2 values and 2 boundaries",
                       InvalidArgument);
  LearningRate rate;
  CHECK_THROWS_WITH_AS(from_json(Json::dict({{"class_name", "CosinDecay"}}), rate),
                       "unknown learning-rate schedule 'CosinDecay'. Did you mean 'CosineDecay'? "
                       "Known: CosineDecay, CosineDecayRestarts, ExponentialDecay, "
                       "InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay",
                       InvalidArgument);
  const LearningRateSchedule own("own", [](std::int64_t step) { return 1.0 / (1.0 + step); });
  CHECK(LearningRate(own).at(1) == 0.5);
  CHECK_THROWS_AS(to_json(own), NotSupported);
}
