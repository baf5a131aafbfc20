// E11: four small data sets of the UCI collection, on which the paper's table A11 has results.
#include <examples/snn_paper/experiments.hpp>
#include <examples/snn_paper/nets.hpp>
#include <examples/snn_paper/spread.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/core.h>

namespace banach::snn_paper {
namespace {

struct Table {
  std::string name;
  double target;     // of SELU
  double reference;  // SELU with these settings in PyTorch, mean of 5 splits
  double paper;      // SNN in table A11, one split, settings searched for
};

const Table kTables[] = {
    {"iris", .95, .874, .9730},
    {"wine", .97, .973, .9773},
    {"breast_cancer", .97, .965, .9789},
    {"digits", .96, .973, .9711},
};
constexpr std::int64_t kEpochs = 60;

struct Accuracies {
  Spread selu, relu;
};

Accuracies train_all(const Samples& samples, int splits, std::int64_t epochs) {
  std::vector<double> selu, relu;
  const std::int64_t classes = 1 + std::int64_t{std::ranges::max(samples.y.values<std::int64_t>())};
  for (int split = 1; split <= splits; ++split) {
    SplitSamples data = stratified_split(samples, static_cast<std::uint64_t>(split));
    standardize(data);
    for (const bool is_selu : {true, false}) {
      Sequential model = make_mlp(samples.x.dim(1), std::vector<std::int64_t>(8, 256), classes,
                                  is_selu ? selu_layer(.05) : relu_layer(.05));
      const Training training{
          .optimizer = optimizers::SGD(.01), .epochs = epochs, .batch_size = 32};
      (is_selu ? selu : relu).push_back(train(model, data, training).accuracy);
    }
  }
  return {spread(selu), spread(relu)};
}

// Three deviations of a mean over splits, which share their samples.
double chance(double accuracy, std::int64_t samples, int splits) {
  const double tested = static_cast<double>(samples) * std::min(splits, 4) / 4;
  return 3 * std::sqrt(accuracy * (1 - accuracy) / tested);
}

}  // namespace

void run_small_tables(const Options& options, Report& report) {
  const int splits = options.seeds_or(1, 10);
  FigureData& figure = report.figure("accuracies", {"table", "epochs", "net", "mean", "deviation"});
  report.note("8 layers of 256, SGD 0.01, batches of 32, (alpha) dropout 0.05, test on a quarter");
  const auto run = [&](const Table& table, const Samples& samples, std::int64_t epochs) {
    const Accuracies found = train_all(samples, splits, epochs);
    const std::string count = fmt::format("{}", epochs);
    figure.rows.push_back(
        {table.name, count, "SELU", text(found.selu.mean), text(found.selu.deviation)});
    figure.rows.push_back(
        {table.name, count, "ReLU", text(found.relu.mean), text(found.relu.deviation)});
    return found;
  };
  for (const Table& table : kTables) {
    if (table.name == "digits" && !options.full) continue;
    const Samples samples = load_uci(table.name);
    const Accuracies found = run(table, samples, kEpochs);
    report.value(table.name + ": SELU as in PyTorch, +- 3 deviations",
                 near(table.reference, chance(table.reference, samples.y.size(), splits)),
                 found.selu.mean);
    report.plain(table.name + ": ReLU with HeNormal", found.relu.mean);
    report.plain(table.name + ": the paper's SNN", found.selu.mean, text(table.paper));
    if (!options.full) continue;
    report.value(table.name + ": SELU's target", at_least(table.target), found.selu.mean);
    if (table.name == "iris")
      report.because("60 epochs are 240 steps; ten times as many are below");
    report.value(table.name + ": SELU - ReLU", at_least(-.005), found.selu.mean - found.relu.mean);
  }
  if (!options.full) return;
  const Accuracies longer = run(kTables[0], load_uci("iris"), 10 * kEpochs);
  report.value("iris, 600 epochs instead of 60: SELU's target", at_least(.95), longer.selu.mean);
  report.because("a guess; the paper's is 36 of 37 on one split, rates and depths searched for");
  report.plain("iris, 600 epochs: ReLU with HeNormal", longer.relu.mean);
}

}  // namespace banach::snn_paper
