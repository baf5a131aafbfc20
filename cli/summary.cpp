#include <cli/commands.hpp>
#include <cli/model_source.hpp>
#include <cli/output.hpp>

#include <banach/models/functional.hpp>

#include <memory>

namespace banach::cli {
namespace {

struct CommandOptions {
  std::string model, style = "tf2";
  int line_length = 0;
  bool expand_snn = false, json = false;
};

constexpr const char* kFooter =
    "Examples:\n"
    "  banach summary model.keras                      layers, shapes and parameters\n"
    "  banach summary mnist-selu --style keras3        of a built-in model, as Keras 3 draws it\n"
    "  banach summary model.keras --line-length 100\n"
    "  banach summary mnist-selu --expand-snn\n"
    "  banach summary model.keras --json";

std::int64_t count(const std::vector<Variable>& variables) {
  std::int64_t parameters = 0;
  for (const Variable& variable : variables) parameters += variable.size();
  return parameters;
}

Json layers_of(const Model& model) {
  Json::List list;
  for (const auto& layer : model.layers()) {
    const Shape& shape = model.graph()->calls(*layer).front()->outputs.front().shape;
    list.push_back(Json::dict({{"name", layer->name()},
                               {"class", layer->class_name()},
                               {"output_shape", to_json(shape)},
                               {"parameters", layer->count_params()},
                               {"trainable", layer->trainable()}}));
  }
  return list;
}

Json describe(const Model& model) {
  const std::int64_t trainable = count(model.trainable_weights());
  const std::int64_t fixed = count(model.non_trainable_weights());
  return Json::dict({{"name", model.name()},
                     {"class", model.class_name()},
                     {"layers", layers_of(model)},
                     {"parameters", trainable + fixed},
                     {"trainable_parameters", trainable},
                     {"non_trainable_parameters", fixed}});
}

void run(const CommandOptions& options) {
  const Output output(options.json);
  const std::shared_ptr<Model> model = read_model(options.model).model;
  if (options.json) return output.print(describe(*model));
  const bool keras3 = options.style == "keras3";
  print(model->summary_text({.line_length = options.line_length,
                             .style = keras3 ? SummaryStyle::keras3 : SummaryStyle::tf2,
                             .expand_snn = options.expand_snn}));
}

}  // namespace

void add_summary(Command app) {
  const auto options = std::make_shared<CommandOptions>();
  const Command summary =
      app.add_command("summary", "Show a model's layers, shapes and parameters");
  summary.add_option("MODEL", options->model, kModelHelp).required();
  summary.add_option("--style", options->style, "Whose table; tf2 without it")
      .check_one_of({"tf2", "keras3"});
  summary.add_option("--line-length", options->line_length, "Characters of a line")
      .check_positive();
  summary.add_flag("--expand-snn", options->expand_snn,
                   "Also the mean and variance that theory expects of each layer");
  summary.add_flag("--json", options->json, "One JSON object on stdout");
  summary.footer(kFooter);
  summary.callback([options] { run(*options); });
}

}  // namespace banach::cli
