#include <banach/core/errors.hpp>
#include <banach/models/compile_options.hpp>

#include <doctest/doctest.h>

using namespace banach;

namespace {

const std::vector<std::string> kOutputs = {"age", "kind"};

std::vector<std::string> names(const std::vector<Loss>& losses) {
  std::vector<std::string> result;
  for (const Loss& loss : losses) result.push_back(loss.name());
  return result;
}

}  // namespace

TEST_CASE("losses are one for all outputs, one each in order, or by name") {
  CHECK(names(Losses("mse").of(kOutputs)) ==
        std::vector<std::string>{"mean_squared_error", "mean_squared_error"});
  CHECK(names(Losses({"mse", "mae"}).of(kOutputs)) ==
        std::vector<std::string>{"mean_squared_error", "mean_absolute_error"});
  CHECK(names(Losses({{"kind", "mse"}, {"age", losses::mean_absolute_error}}).of(kOutputs)) ==
        std::vector<std::string>{"mean_absolute_error", "mean_squared_error"});
}

TEST_CASE("metrics and weights of an output that is not named are none and 1") {
  const auto metrics = Metrics({{"kind", {"accuracy", "mse"}}}).of(kOutputs);
  CHECK(metrics[0].empty());
  CHECK(metrics[1].size() == 2);
  CHECK(LossWeights({{"kind", 0.5}}).of(kOutputs) == std::vector<double>{1, 0.5});
  CHECK(Metrics({"accuracy"}).of({"y"})[0].size() == 1);
}

TEST_CASE("a wrong number and a wrong name are said") {
  CHECK_THROWS_WITH_AS(Losses({"mse", "mae", "mse"}).of(kOutputs),
                       "[compile] loss: expected one for each of the outputs age, kind, received 3",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(LossWeights({{"kindd", 1.0}}).of(kOutputs),
                       "[compile] loss_weights: no output is called 'kindd'. Did you mean 'kind'? "
                       "The outputs: age, kind",
                       InvalidArgument);
  CHECK_THROWS_AS(Losses({{"age", "mse"}}).of(kOutputs), InvalidArgument);
}
