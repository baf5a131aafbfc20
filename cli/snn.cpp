#include <cli/commands.hpp>
#include <cli/errors.hpp>
#include <cli/output.hpp>

#include <examples/snn_paper/experiments.hpp>

#include <memory>

namespace banach::cli {
namespace {

struct SnnOptions {
  std::vector<std::string> names;
  snn_paper::Options run;
  bool json = false;
};

constexpr const char* kFooter =
    "Examples:\n"
    "  banach snn                      lists the experiments\n"
    "  banach snn e1 e4                constants; theorems on grids\n"
    "  banach snn e3 --csv figures     convergence, and the numbers of its picture\n"
    "  banach snn e3 --pictures out    the picture itself, by gnuplot\n"
    "  banach snn e7 --json\n"
    "Ends with 1 when something is not as expected and nobody knows why.";

void run(const SnnOptions& options) {
  if (options.names.empty()) return print(snn_paper::list_experiments());
  const Output output(options.json);
  Json::List results;
  int unexplained = 0;
  for (const auto& experiment : snn_paper::find_experiments(options.names)) {
    const snn_paper::Report report = run_experiment(experiment, options.run);
    unexplained += report.unexplained();
    results.push_back(report.to_json());
  }
  if (options.json) output.print(Json::dict({{"experiments", std::move(results)}}));
  if (unexplained > 0) throw Exit{1};
}

}  // namespace

void add_snn(Command app) {
  const auto options = std::make_shared<SnnOptions>();
  const Command snn = app.add_command(
      "snn", "Run the experiments on self-normalizing networks: expected and measured");
  snn.add_option("EXPERIMENT", options->names, "e1, e2, ... or all; none lists them");
  snn.add_flag("--full", options->run.full, "In the size that the expectations were made for");
  snn.add_option("--seeds", options->run.seeds, "How many draws or trainings of each")
      .check(check_positive);
  snn.add_option("--csv", options->run.csv_folder, "A folder for the figures' data");
  snn.add_option("--pictures", options->run.pictures_folder, "A folder for the figures (SVG)");
  snn.add_flag("--json", options->json, "One JSON object on stdout");
  snn.footer(kFooter);
  snn.callback([options] { run(*options); });
}

}  // namespace banach::cli
