#pragma once

#include <examples/snn_paper/report.hpp>

#include <span>
#include <string>
#include <vector>

namespace banach::snn_paper {

struct Options {
  bool full = false;  ///< the size that the expectations were made for, where it takes minutes
  int seeds = 0;  ///< how many times to train or to draw weights; 0: the experiment's own number
  std::string csv_folder = {};       ///< where the figures' data go; empty: nowhere
  std::string pictures_folder = {};  ///< where they are drawn; empty: nowhere

  int seeds_or(int short_form, int full_form) const {
    return seeds > 0 ? seeds : (full ? full_form : short_form);
  }
};

/// An experiment on self-normalizing networks, from the paper (Klambauer et al. 2017), its authors'
/// repository (bioinf-jku/SNNs) or theory.
struct Experiment {
  std::string name;  ///< "e5"
  std::string about;
  std::string short_form, full_form;  ///< how much is run; the same when both take seconds
  void (*run)(const Options& options, Report& report);
};

/// All of them, in their order.
const std::vector<Experiment>& experiments();
/// Those of these names, "all" being every one; InvalidArgument for a name that there is not.
std::vector<Experiment> find_experiments(const std::vector<std::string>& names);
/// The list of them, for people.
std::string list_experiments();

/// Runs one, prints it and writes its figures' data.
Report run_experiment(const Experiment& experiment, const Options& options);

void run_constants(const Options& options, Report& report);        // e1
void run_map(const Options& options, Report& report);              // e2
void run_iteration(const Options& options, Report& report);        // e3
void run_theorems(const Options& options, Report& report);         // e4
void run_propagation(const Options& options, Report& report);      // e5
void run_raw_images(const Options& options, Report& report);       // e6
void run_alpha_dropout(const Options& options, Report& report);    // e7
void run_deep_training(const Options& options, Report& report);    // e8
void run_notebook_nets(const Options& options, Report& report);    // e9
void run_figure_1(const Options& options, Report& report);         // e10
void run_small_tables(const Options& options, Report& report);     // e11
void run_fifty_updates(const Options& options, Report& report);    // e12
void run_trained_weights(const Options& options, Report& report);  // e13
void run_batch_norm(const Options& options, Report& report);       // e14

}  // namespace banach::snn_paper
