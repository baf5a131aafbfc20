// E10: the paper's figure 1, scaled down: training loss of SELU nets and of nets with batch
// normalization, of three depths.
#include <examples/snn_paper/experiments.hpp>
#include <examples/snn_paper/nets.hpp>
#include <examples/snn_paper/spread.hpp>

#include <cmath>
#include <fmt/core.h>

namespace banach::snn_paper {
namespace {

struct Curve {
  const char* name;
  bool selu;
  std::size_t depth;
  double losses[4];  // after 10, 20, 30 and 40 epochs: one run in PyTorch
};

// In the order of the losses that figure 1 shows.
constexpr Curve kCurves[] = {
    {"SNN-32", true, 32, {.106, .028, .012, .0066}},
    {"SNN-16", true, 16, {.215, .111, .063, .039}},
    {"SNN-8", true, 8, {.305, .212, .162, .130}},
    {"BN-8", false, 8, {.776, .415, .286, .218}},
    {"BN-16", false, 16, {1.636, .867, .553, .400}},
    {"BN-32", false, 32, {2.581, 2.040, 1.515, 1.249}},
};

// figure1/run.py: untruncated normal weights, batch normalization behind the activation, the
// learning rate 1e-5 on the sum of a batch of 128.
HiddenLayer layer_of(bool selu) {
  return {.activation = selu ? "selu" : "relu",
          .kernel = initializers::VarianceScaling(
              {.scale = selu ? 1. : 2., .distribution = "untruncated_normal"}),
          .batch_normalization = !selu};
}

// How log loss goes from one epoch to the next.
struct Roughness {
  double steps = 0;    // deviation of its steps: also large when a loss falls ever more slowly
  double changes = 0;  // deviation of the steps' differences in the second half: no trend is left
};

Roughness roughness(const std::vector<double>& losses) {
  std::vector<double> steps, changes;
  for (std::size_t i = 1; i < losses.size(); ++i) {
    steps.push_back(std::log(losses[i] / losses[i - 1]));
    if (i > losses.size() / 2) changes.push_back(steps[i - 1] - steps[i - 2]);
  }
  return {spread(steps).deviation, spread(changes).deviation};
}

struct Trainings {
  std::vector<std::vector<double>> losses;  // by curve
  Roughness selu, bn;                       // mean of three curves each
};

Trainings train_all(const SplitSamples& data, std::int64_t epochs, Report& report) {
  Trainings all;
  FigureData& figure = report.figure("losses", {"net", "epoch", "loss"},
                                     {.x = "epoch", .y = {"loss"}, .by = {"net"}, .log = true});
  for (const Curve& curve : kCurves) {
    Sequential model =
        make_mlp(784, std::vector<std::int64_t>(curve.depth, 256), 10, layer_of(curve.selu));
    const Trained trained =
        train(model, data, {.optimizer = optimizers::SGD(1.28e-3), .epochs = epochs});
    all.losses.push_back(trained.losses);
    Roughness& sum = curve.selu ? all.selu : all.bn;
    const Roughness found = roughness(trained.losses);
    sum.steps += found.steps / 3;
    sum.changes += found.changes / 3;
    report.plain(std::string(curve.name) + ": seconds an epoch",
                 trained.seconds / static_cast<double>(epochs));
    for (std::size_t i = 0; i < trained.losses.size(); ++i) {
      figure.rows.push_back({curve.name, fmt::format("{}", i + 1), text(trained.losses[i])});
    }
  }
  return all;
}

void judge_order(const Trainings& all, std::size_t epoch, Report& report) {
  bool ordered = true;
  std::string losses;
  for (std::size_t i = 0; i < all.losses.size(); ++i) {
    ordered = ordered && (i == 0 || all.losses[i - 1][epoch - 1] < all.losses[i][epoch - 1]);
    losses += fmt::format("{}{:.2g}", i == 0 ? "" : " ", all.losses[i][epoch - 1]);
  }
  report.statement(fmt::format("epoch {}: SNN-32 < -16 < -8 < BN-8 < -16 < -32", epoch), losses,
                   ordered);
}

void judge_roughness(const std::string& what, double bn, double selu, Report& report) {
  report.statement(what, fmt::format("{:.4f} > {:.4f}", bn, selu), bn > selu);
}

}  // namespace

void run_figure_1(const Options& options, Report& report) {
  const std::int64_t epochs = options.full ? 40 : 4;
  const SplitSamples data = load_mnist(options.full ? 10000 : 3000, Scaling::per_pixel, 1000);
  const Trainings all = train_all(data, epochs, report);
  if (!options.full) return judge_order(all, static_cast<std::size_t>(epochs), report);
  report.note("losses within 25 % of one run of PyTorch:");
  for (std::size_t k = 0; k < 4; ++k) {
    const std::size_t epoch = 10 * (k + 1);
    for (std::size_t i = 0; i < all.losses.size(); ++i) {
      const double expected = kCurves[i].losses[k];
      report.value(fmt::format("{}: loss after {}", kCurves[i].name, epoch),
                   near(expected, .25 * expected), all.losses[i][epoch - 1]);
      report.because("one run beside one run; the weights, the order and the library are others");
    }
    judge_order(all, epoch, report);
  }
  judge_roughness("steps of log loss vary more with BN", all.bn.steps, all.selu.steps, report);
  report.because("they vary with the trend, and SELU's losses fall faster, at first most");
  judge_roughness("without the trend", all.bn.changes, all.selu.changes, report);
}

}  // namespace banach::snn_paper
