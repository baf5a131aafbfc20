#include <examples/snn_paper/experiments.hpp>

#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/core/suggest.hpp>

#include <algorithm>
#include <fmt/core.h>

namespace banach::snn_paper {

const std::vector<Experiment>& experiments() {
  static const std::vector<Experiment> list = {
      {"e1", "SELU's constants and values", "all", "the same", run_constants},
      {"e2", "the map of means and variances", "a million draws", "the same", run_map},
      {"e3", "the map, iterated: convergence to (0, 1)", "32 layers", "the same", run_iteration},
      {"e4", "theorems 1 to 3 on grids, fixed points, gains", "all", "the same", run_theorems},
      {"e5", "random weights through 64 layers of 256 units", "4 draws", "16 draws",
       run_propagation},
      {"e6", "MNIST that was not standardised, through SELU", "4 draws", "16 draws",
       run_raw_images},
      {"e7", "what AlphaDropout does to moments", "a million values", "the same",
       run_alpha_dropout},
      {"e8", "training 64 layers on MNIST", "4,000 samples, 3 epochs", "20,000 samples, 5 epochs",
       run_deep_training},
      {"e9", "the authors' PyTorch notebooks: MLP and CNN on MNIST", "the first epochs, 1 seed",
       "20 epochs, 3 seeds", run_notebook_nets},
      {"e10", "figure 1: depth helps SELU, and hurts batch normalization",
       "3,000 samples, 4 epochs", "10,000 samples, 40 epochs", run_figure_1},
      {"e11", "small UCI data sets", "1 split, without digits", "10 splits", run_small_tables},
      {"e12", "the authors' TensorFlow notebook: a CNN after 50 updates", "1 seed", "3 seeds",
       run_fifty_updates},
      {"e13", "weights and activations of trained nets, and of wrong ones",
       "4,000 samples, 2 epochs", "60,000 samples, 5 epochs", run_trained_weights},
      {"e14", "SELU beside batch normalization: time of a step, accuracy",
       "10,000 samples, 1 epoch", "60,000 samples, 5 epochs", run_batch_norm},
  };
  return list;
}

std::vector<Experiment> find_experiments(const std::vector<std::string>& names) {
  std::vector<std::string> known = {"all"};
  for (const Experiment& item : experiments()) known.push_back(item.name);
  std::vector<Experiment> found;
  for (const std::string& name : names) {
    const auto at = std::find(known.begin(), known.end(), name);
    if (at == known.end()) {
      throw InvalidArgument(fmt::format("no experiment is called '{}'. {}There are {}.", name,
                                        did_you_mean(name, known), join(known)));
    }
    if (name == "all") return experiments();
    found.push_back(experiments()[static_cast<std::size_t>(at - known.begin() - 1)]);
  }
  return found;
}

std::string list_experiments() {
  std::string list = fmt::format("{:<5} {:<62} {:<26} {}\n", "", "", "runs", "with --full");
  for (const Experiment& item : experiments()) {
    list += fmt::format("{:<5} {:<62} {:<26} {}\n", item.name, item.about, item.short_form,
                        item.full_form);
  }
  return list;
}

Report run_experiment(const Experiment& experiment, const Options& options) {
  utils::set_random_seed(1);  // whichever were run before
  Report report(experiment.name, experiment.about);
  experiment.run(options, report);
  report.finish();
  if (!options.csv_folder.empty()) report.write_figures(options.csv_folder);
  if (!options.pictures_folder.empty()) report.draw_figures(options.pictures_folder);
  return report;
}

}  // namespace banach::snn_paper
