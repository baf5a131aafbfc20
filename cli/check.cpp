#include <cli/commands.hpp>
#include <cli/errors.hpp>
#include <cli/model_source.hpp>
#include <cli/output.hpp>
#include <cli/run_options.hpp>
#include <cli/samples.hpp>

#include <banach/models/snn_check.hpp>

#include <memory>

#include <sysexits.h>

namespace banach::cli {
namespace {

struct CheckCommand {
  std::string model, data;
  DataOptions reading;
  RunOptions run;
  bool json = false, strict = false;
};

constexpr const char* kFooter =
    "Says what stands against a network of SELU keeping mean 0 and variance 1, with the fix, and "
    "of "
    "each layer the mean and variance that theory expects; of SELU's layers the sums of the "
    "weights "
    "(omega) and of their squares (tau), averages over units +- standard deviation, and whether "
    "these are inside the domain of theorem 1 (Klambauer et al. 2017). With data also what the "
    "layers give. Of an architecture or a built-in model the weights are initial ones.\n"
    "\n"
    "Examples:\n"
    "  banach check mnist-selu\n"
    "  banach check model.keras --data dataset:mnist\n"
    "  banach check model.keras --data dataset:mnist[test][0:100] --json\n"
    "  banach check model.keras --strict                   for scripts: 65 after a warning";

snn::CheckReport report_of(const CheckCommand& command) {
  const std::shared_ptr<Model> model = read_model(command.model).model;
  if (command.data.empty()) return snn::check(*model);
  return snn::check(*model,
                    read_samples(*model, command.data, command.reading, Part::test, false).x);
}

void run(const CheckCommand& command) {
  const Output output(command.json);
  const DeviceScope device = apply(command.run);
  const snn::CheckReport report = report_of(command);
  if (command.json) {
    output.print(to_json(report));
  } else {
    print(report.str());
  }
  if (command.strict && report.count(snn::Severity::warning) > 0) throw Exit{EX_DATAERR};
}

}  // namespace

void add_check(Command app) {
  const auto command = std::make_shared<CheckCommand>();
  const Command check = app.add_command("check", "Say whether a model of SELU normalizes itself");
  check.add_option("MODEL", command->model, kModelHelp).required();
  check.add_option("--data", command->data,
                   "What to measure the layers on, the test part if there is one: .npy, .npz, "
                   ".csv, a folder of pictures, dataset:mnist[test][0:100]");
  add_data_options(check, command->reading);
  check.add_flag("--strict", command->strict, "End with code 65 when there are warnings");
  add_run_options(check, command->run);
  check.add_flag("--json", command->json, "One JSON object on stdout");
  check.footer(kFooter);
  check.callback([command] { run(*command); });
}

}  // namespace banach::cli
