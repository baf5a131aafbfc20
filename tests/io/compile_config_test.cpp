#include <banach/banach.hpp>
#include <banach/io/compile_config.hpp>

#include <doctest/doctest.h>

using namespace banach;

namespace {

void check_there_and_back(const CompileOptions& options) {
  const Json config = compile_config(options);
  CHECK(compile_config(parse_compile_config(config)) == config);
  CHECK(compile_config(parse_compile_config(training_config(options))) == config);
}

}  // namespace

TEST_CASE("what compile() was given goes into a config and comes back") {
  check_there_and_back({});
  check_there_and_back({.loss = losses::CategoricalCrossentropy({.label_smoothing = 0.1}),
                        .optimizer = optimizers::SGD(0.1, {.momentum = 0.9, .nesterov = true}),
                        .metrics = {"accuracy", "mse"},
                        .weighted_metrics = {"mae"}});
  check_there_and_back({.loss = {{"a", "mse"}, {"b", losses::BinaryCrossentropy()}},
                        .optimizer = optimizers::Adam(0.01, {.beta_1 = 0.8}),
                        .metrics = {{"b", {"accuracy", "binary_accuracy"}}},
                        .loss_weights = {{"a", 2.0}}});
  check_there_and_back({.loss = {"mse", "mae"}, .loss_weights = {1.0, 0.5}});
}

TEST_CASE("Keras' own forms are read") {
  const Json config = Json::dict(
      {{"optimizer", "rmsprop"},
       {"loss", Json::dict({{"module", "builtins"},
                            {"class_name", "function"},
                            {"config", "mean_absolute_error"},
                            {"registered_name", "function"}})},
       {"metrics", Json::list({Json::dict({{"module", "keras.metrics"},
                                           {"class_name", "BinaryAccuracy"},
                                           {"config", Json::dict({{"name", "hits"},
                                                                  {"dtype", "float32"},
                                                                  {"threshold", 0.5}})}})})},
       {"jit_compile", true}});
  const CompileOptions options = parse_compile_config(config);
  CHECK(options.optimizer.name() == "rm_sprop");
  CHECK(options.loss.of({"y"})[0].name() == "mean_absolute_error");
  CHECK(options.metrics.of({"y"})[0][0].name() == "hits");
}

TEST_CASE("unknown names are said") {
  CHECK_THROWS_WITH_AS(parse_compile_config(Json::dict({{"loss", "mean_squared_eror"}})),
                       doctest::Contains("Did you mean 'mean_squared_error'?"), InvalidArgument);
  CHECK_THROWS_AS(parse_compile_config(Json::dict({{"metrics", Json::list({3})}})),
                  InvalidArgument);
}
