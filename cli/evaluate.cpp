#include <cli/commands.hpp>
#include <cli/compile.hpp>
#include <cli/errors.hpp>
#include <cli/output.hpp>
#include <cli/run_options.hpp>
#include <cli/samples.hpp>

#include <fmt/format.h>
#include <memory>

#include <unistd.h>

namespace banach::cli {
namespace {

struct EvaluateCommand {
  std::string model, data;
  DataOptions reading;
  std::int64_t batch_size = 32;
  RunOptions run;
  CompileRequest compile;
  bool json = false;
};

constexpr const char* kFooter =
    "Data with a test part, such as dataset:mnist, is evaluated on it.\n"
    "\n"
    "Examples:\n"
    "  banach evaluate model.keras --data dataset:mnist\n"
    "  banach evaluate model.keras --data dataset:mnist[train][0:100] --json\n"
    "  banach evaluate model.keras --data data.npz --batch-size 250";

void run(const EvaluateCommand& command) {
  const Output output(command.json);
  const DeviceScope device = apply(command.run);
  const ModelSource source{read_trained_model(command.model), true, {}};
  compile_model(source, command.compile);
  Model& model = *source.model;
  const Samples samples = read_samples(model, command.data, command.reading, Part::test);
  const std::vector<double> values = model.evaluate(
      samples.x, samples.y,
      {.batch_size = command.batch_size, .verbose = isatty(STDOUT_FILENO) == 1 ? 1 : 0});
  Json result = Json::dict({{"model", command.model}, {"samples", samples.size()}});
  std::string line;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string name = model.metrics_names().at(i);
    result[name] = finite(values[i]);
    line += fmt::format("{}{}: {:.6g}", i > 0 ? ", " : "", name, values[i]);
  }
  if (command.json) return output.print(result);
  print(line + "\n");
}

}  // namespace

void add_evaluate(Command app) {
  const auto command = std::make_shared<EvaluateCommand>();
  const Command evaluate =
      app.add_command("evaluate", "Measure a model's loss and metrics on data");
  evaluate.add_option("MODEL", command->model, kTrainedModelHelp).required();
  evaluate.add_option("--data", command->data, kDataHelp).required();
  add_data_options(evaluate, command->reading);
  evaluate.add_option("--batch-size", command->batch_size, "Samples a step")
      .check(check_positive)
      .show_default();
  add_run_options(evaluate, command->run);
  evaluate.add_option("--loss", command->compile.loss, "For a model that was saved without one");
  evaluate.add_flag("--json", command->json, "One JSON object on stdout");
  evaluate.footer(kFooter);
  evaluate.callback([command] { run(*command); });
}

}  // namespace banach::cli
