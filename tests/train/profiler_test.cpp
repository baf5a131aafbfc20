#include <banach/core/errors.hpp>
#include <banach/models/runtime.hpp>
#include <banach/train/profiler.hpp>
#include <doctest/doctest.h>
#include <tests/support/nets.hpp>

using namespace banach;
using namespace banach::layers;
using banach::testing::make_samples;
using banach::testing::Samples;
using doctest::Contains;

namespace {

Sequential small_net() {
  return Sequential({Input({6}), Dense(8, {.activation = "selu"}), BatchNormalization(),
                     AlphaDropout(0.1), Dense(3, {.activation = "softmax"})});
}

// Everything that training keeps: weights, the optimizer's slots, metrics, the random step.
std::vector<Array> state_of(const Model& model) {
  std::vector<Array> state = model.get_weights();
  for (const Variable& variable : model.optimizer().variables()) state.push_back(variable.value());
  for (const MetricState& metric : model.runtime().metric_states) {
    state.push_back(metric.state.value());
  }
  state.push_back(model.runtime().random_step.value());
  return state;
}

bool same(const std::vector<Array>& a, const std::vector<Array>& b) {
  bool result = a.size() == b.size();
  for (std::size_t i = 0; result && i < a.size(); ++i) result = max_abs_difference(a[i], b[i]) == 0;
  return result;
}

}  // namespace

TEST_CASE("profile shows the training step of a compiled model, else inference") {
  Sequential model = small_net();
  for (const ProfileRow& row : model.profile(16, 1).rows) CHECK(row.op != "adam");
  model.compile({.loss = losses::categorical_crossentropy, .optimizer = "adam"});
  const Profile profile = model.profile(16, 1);
  CHECK(profile.rows.front().shape == Shape{16, 8});
  CHECK(profile.str().find("adam") != std::string::npos);
  model.compile({.loss = losses::sparse_categorical_crossentropy, .metrics = {"accuracy"}});
  CHECK_FALSE(model.profile(4, 1).rows.empty());
}

TEST_CASE("profile leaves a training model as it was") {
  const Samples s = make_samples(40, {6}, 3);
  const auto train = [&](bool profiled) {
    utils::set_random_seed(2);
    Sequential model = small_net();
    model.compile({.loss = losses::categorical_crossentropy, .metrics = {"accuracy"}});
    model.fit(s.x, s.y, {.batch_size = 16, .verbose = 0});
    const std::vector<Array> before = state_of(model);
    if (profiled) model.profile(16, 5);
    CHECK(same(state_of(model), before));
    model.fit(s.x, s.y, {.batch_size = 16, .verbose = 0});
    return state_of(model);
  };
  CHECK(same(train(true), train(false)));
}

TEST_CASE("the callback profiles fit's program and changes no number of it") {
  const Samples s = make_samples(40, {6}, 3);
  const auto profiler =
      std::make_shared<callbacks::Profiler>(callbacks::ProfilerOptions{.steps = 3, .verbose = 0});
  const auto train = [&](const Callbacks& callbacks) {
    utils::set_random_seed(2);
    Sequential model = small_net();
    model.compile({.loss = losses::categorical_crossentropy, .metrics = {"accuracy"}});
    return model
        .fit(s.x, s.y, {.batch_size = 16, .epochs = 2, .verbose = 0, .callbacks = callbacks})
        .history;
  };
  CHECK(train({profiler}) == train({}));
  REQUIRE_FALSE(profiler->profile().rows.empty());
  CHECK(profiler->profile().rows.front().shape == Shape{16, 8});
}

TEST_CASE("profile says what is missing") {
  Sequential unbuilt({Dense(3)});
  CHECK_THROWS_WITH_AS(unbuilt.profile(), Contains("the model is not built"), RuntimeError);
  CHECK_THROWS_WITH_AS(small_net().profile(0), Contains("batch_size"), InvalidArgument);
  CHECK_THROWS_WITH_AS(small_net().profile(1, 0), Contains("steps"), InvalidArgument);
}
