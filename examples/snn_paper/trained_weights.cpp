// E13: sums of weights and moments of activations before and after training, and what wrong
// initializers and plain dropout do.
#include <examples/snn_paper/experiments.hpp>
#include <examples/snn_paper/nets.hpp>
#include <examples/snn_paper/spread.hpp>

#include <banach/core/random.hpp>
#include <banach/layers/dense.hpp>
#include <banach/layers/dropout.hpp>
#include <banach/snn/domains.hpp>
#include <banach/snn/mean_variance_map.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/core.h>

namespace banach::snn_paper {
namespace {

constexpr int kDepth = 8;

struct LayerState {
  snn::Moments activations;
  double tau = 0;                   // mean over units
  double omega_sd = 0;              // of omega over units
  double predicted = 0;             // variance by theory, from the inputs' moments and tau
  double independent_variance = 0;  // of activations, were the inputs independent
};

// Every column in an order of its own: each unit's values as they were, but independent of the
// others' as the theory has them.
Array shuffle_columns(const Array& x) {
  RandomGenerator random(1);
  Array shuffled(x.shape());
  const auto rows = static_cast<std::size_t>(x.dim(0)),
             columns = static_cast<std::size_t>(x.dim(1));
  const std::span<const float> from = x.values<float>();
  const std::span<float> to = shuffled.mutable_values<float>();
  for (std::size_t column = 0; column < columns; ++column) {
    const auto order = random.permutation(x.dim(0));
    for (std::size_t row = 0; row < rows; ++row) {
      to[row * columns + column] = from[static_cast<std::size_t>(order[row]) * columns + column];
    }
  }
  return shuffled;
}

snn::Moments moments_of(const Array& x) {
  const Array exact = x.astype(float64);
  return {mean(exact), variance(exact)};
}

LayerState state_of(const Array& kernel, const Array& activations) {
  LayerState state{moments_of(activations)};
  const auto inputs = static_cast<std::size_t>(kernel.dim(0));
  const auto units = static_cast<std::size_t>(kernel.dim(1));
  const std::span<const float> weights = kernel.values<float>();
  std::vector<double> omegas(units);
  for (std::size_t i = 0; i < inputs * units; ++i) {
    omegas[i % units] += weights[i];
    state.tau += static_cast<double>(weights[i]) * weights[i] / static_cast<double>(units);
  }
  state.omega_sd = spread(omegas).deviation;
  return state;
}

std::vector<LayerState> states(const Sequential& model, const Array& x) {
  std::vector<LayerState> result;
  Array h = x;
  for (const auto& layer : model.layers()) {
    const Array inputs = h;
    h = (*layer)(inputs);
    if (result.size() == kDepth || layer->class_name() != "Dense") continue;
    LayerState& state = result.emplace_back(state_of(layer->get_weights().front(), h));
    const snn::Moments before = moments_of(inputs);
    state.predicted =
        snn::mean_variance_map(before, snn::random_weights(before, state.tau)).variance;
    state.independent_variance = moments_of((*layer)(shuffle_columns(inputs))).variance;
  }
  return result;
}

void judge(const std::string& when, const std::vector<LayerState>& found, bool trained,
           Report& report) {
  FigureData& figure = report.figure(
      "layers",
      {"when", "layer", "mean", "variance", "tau", "omega_deviation", "predicted", "independent"},
      {.x = "layer", .y = {"variance"}, .by = {"when"}});
  const snn::Domain domain = snn::theorem_1_domain();
  std::vector<double> means, variances, taus, ratios, independent_ratios;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& [moments, tau, omega_sd, predicted, independent] = found[i];
    means.push_back(moments.mean);
    variances.push_back(moments.variance);
    taus.push_back(tau);
    ratios.push_back(moments.variance / predicted);
    independent_ratios.push_back(independent / predicted);
    figure.rows.push_back({when, fmt::format("{}", i + 1), text(moments.mean),
                           text(moments.variance), text(tau), text(omega_sd), text(predicted),
                           text(independent)});
  }
  report.values(when + ": mean of activations by layer", between(domain.mu.low, domain.mu.high),
                means);
  if (trained)
    report.because("in part: a larger variance brings a mean with it, g(0, 3) has 0.175");
  report.values(when + ": variance", between(domain.nu.low, domain.nu.high), variances);
  if (trained) report.because("tau stays, but layers add more than theory says: the next lines");
  report.values(when + ": variance / theory's from its inputs", near(1, .1), ratios);
  if (trained) report.because("units vary together, and trained weights add up what they share");
  report.values(when + ": the same, units made independent", near(1, .1), independent_ratios);
  report.values(when + ": tau, mean over units", between(domain.tau.low, domain.tau.high), taus);
}

void check_trained(const Options& options, Report& report) {
  const SplitSamples data = load_mnist(options.full ? 60000 : 4000, Scaling::per_pixel, 2000);
  Sequential model = make_mlp(784, std::vector<std::int64_t>(kDepth, 256), 10, selu_layer(.05));
  const Array x = data.train.x.slice(0, 1000);
  model.predict(x.slice(0, 1));  // makes the weights
  judge("at first", states(model, x), false, report);
  const Trained trained =
      train(model, data, {.optimizer = optimizers::SGD(.01), .epochs = options.full ? 5 : 2});
  report.plain("test accuracy after training", trained.accuracy);
  judge("trained", states(model, x), true, report);
}

struct Wrong {
  const char* name;
  double tau;   // of the weights
  double rate;  // of plain dropout
};

constexpr Wrong kWrong[] = {
    {"HeNormal's tau 2", 2, 0},
    {"PyTorch's default tau 1/3", 1. / 3, 0},
    {"Dropout(0.25) instead of AlphaDropout", 1, .25},
};

// After 16 layers, by theory: dropout adds rate / (1 - rate) E[x^2] to the variance.
double predict(const Wrong& wrong) {
  snn::Moments m;
  for (int layer = 0; layer < 16; ++layer) {
    m = snn::mean_variance_map(m, snn::random_weights(m, wrong.tau));
    m.variance += wrong.rate / (1 - wrong.rate) * (m.variance + m.mean * m.mean);
  }
  return m.variance;
}

double measure(const Wrong& wrong) {
  Array x = initializers::RandomNormal(0, 1)({256, 256});
  const Initializer kernel = initializers::VarianceScaling({.scale = wrong.tau});
  for (int layer = 0; layer < 16; ++layer) {
    x = layers::Dense(256, {.activation = "selu", .kernel_initializer = kernel})(x);
    if (wrong.rate > 0) x = layers::Dropout(wrong.rate)(x, {.training = true});
  }
  return variance(x.astype(float64));
}

}  // namespace

void run_trained_weights(const Options& options, Report& report) {
  check_trained(options, report);
  for (const Wrong& wrong : kWrong) {
    std::vector<double> variances;
    for (int draw = 0; draw < options.seeds_or(16, 64); ++draw) variances.push_back(measure(wrong));
    const Spread found = spread(variances);
    report.value(std::string(wrong.name) + ": variance", near(predict(wrong), 4 * found.error),
                 found.mean);
  }
}

}  // namespace banach::snn_paper
