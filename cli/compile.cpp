#include <cli/compile.hpp>

#include <cli/errors.hpp>
#include <cli/output.hpp>

#include <banach/core/suggest.hpp>
#include <banach/io/compile_config.hpp>

#include <fmt/format.h>

namespace banach::cli {
namespace {

struct LossGuess {
  const char* activation;
  const char* loss;
  std::vector<std::string> metrics;
};

LossGuess guess_loss(const Model& model) {
  const std::vector<LossGuess> guesses{
      {"softmax", "categorical_crossentropy", {"accuracy"}},
      {"sigmoid", "binary_crossentropy", {"accuracy"}},
  };
  const auto last = model.layers().back();
  const Json config = last->get_config();
  const Json* named = config.find("activation");
  const Json activation = last->class_name() == "Softmax" ? Json("softmax")
                          : named                         ? *named
                                                          : Json();
  for (const LossGuess& guess : guesses) {
    if (activation == Json(guess.activation)) return guess;
  }
  return {"", "mean_squared_error", {}};
}

// What an architecture says, with a guess where it says nothing.
CompileOptions options_of(const ModelSource& source, const CompileRequest& request) {
  Json config = source.compile;
  if (config.find("loss") == nullptr && !request.loss) {
    const LossGuess guess = guess_loss(*source.model);
    config["loss"] = guess.loss;
    if (config.find("metrics") == nullptr) config["metrics"] = to_json(guess.metrics);
    note(fmt::format("no loss was given: {}, for the last layer", guess.loss));
  }
  return parse_compile_config(config);
}

bool asks_for_something(const CompileRequest& request) {
  return request.optimizer || request.loss || !request.metrics.empty();
}

}  // namespace

void add_compile_options(Command command, CompileRequest& request) {
  command.add_option("--optimizer", request.optimizer, "adam, sgd, adamw, rmsprop, ...");
  command.add_option("--learning-rate", request.learning_rate, "The optimizer's, above 0")
      .check(check_positive);
  command.add_option("--loss", request.loss, "categorical_crossentropy, mse, ...");
  command.add_option("--metrics", request.metrics, "accuracy, mae, ...").delimiter(',');
}

void compile_model(const ModelSource& source, const CompileRequest& request) {
  Model& model = *source.model;
  if (!model.is_compiled() || asks_for_something(request)) {
    CompileOptions options =
        model.is_compiled() ? model.compile_options() : options_of(source, request);
    if (request.optimizer) options.optimizer = Optimizer(*request.optimizer);
    if (request.loss) options.loss = *request.loss;
    if (!request.metrics.empty()) {
      options.metrics = std::vector<Metric>(request.metrics.begin(), request.metrics.end());
    }
    model.compile(options);
  }
  if (request.learning_rate) model.optimizer().set_learning_rate(*request.learning_rate);
}

}  // namespace banach::cli
