// The experiments of "Self-Normalizing Networks" (Klambauer et al. 2017), expected and measured
// side by side: `snn_paper` lists them, `snn_paper e5 e7` or `snn_paper all` runs them, `--full` in
// the size that the expectations were made for, `--seeds N` with as many draws, `--csv FOLDER` and
// `--pictures FOLDER` write the figures. Ends with 1 when something is not as expected and nobody
// knows why.
#include <examples/snn_paper/experiments.hpp>

#include <banach/core/errors.hpp>

#include <cstdlib>
#include <fmt/core.h>

using namespace banach;
using namespace banach::snn_paper;

namespace {

struct Command {
  std::vector<std::string> names;
  Options options;
};

Command read_command(const std::vector<std::string>& arguments) {
  Command command;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool has_value = i + 1 < arguments.size();
    if (arguments[i] == "--full") {
      command.options.full = true;
    } else if (arguments[i] == "--seeds" && has_value) {
      command.options.seeds = std::atoi(arguments[++i].c_str());
      if (command.options.seeds < 1) throw InvalidArgument("--seeds takes a number above 0.");
    } else if (arguments[i] == "--csv" && has_value) {
      command.options.csv_folder = arguments[++i];
    } else if (arguments[i] == "--pictures" && has_value) {
      command.options.pictures_folder = arguments[++i];
    } else {
      command.names.push_back(arguments[i]);
    }
  }
  return command;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Command command = read_command({argv + 1, argv + argc});
    if (command.names.empty()) fmt::print("{}", list_experiments());
    int unexplained = 0;
    for (const Experiment& experiment : find_experiments(command.names)) {
      unexplained += run_experiment(experiment, command.options).unexplained();
    }
    return unexplained > 0;
  } catch (const Error& error) {
    fmt::print(stderr, "snn_paper: {}\n", error.what());
    return 2;
  }
}
