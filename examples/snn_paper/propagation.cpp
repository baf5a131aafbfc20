// E5: normal numbers through 64 layers of random weights, and gradients back.
#include <examples/snn_paper/experiments.hpp>

#include <banach/layers/dense.hpp>
#include <banach/layers/dropout.hpp>
#include <banach/models/eager.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/gradient.hpp>
#include <banach/ops/reduce.hpp>

#include <cmath>
#include <fmt/core.h>

namespace banach::snn_paper {
namespace {

constexpr int kDepth = 64;
constexpr std::int64_t kUnits = 256, kRows = 256;

struct Stack {
  const char* name;
  const char* activation;
  const char* kernel;
  double rate;  // of AlphaDropout
};

struct Outcome {
  double mean, variance, cosine, gradient_ratio;
};

using Outcomes = std::vector<double>;

Array normal_rows() { return initializers::RandomNormal(0, 1)({kRows, kUnits}); }

double mean_square(const Array& x) { return variance(x) + mean(x) * mean(x); }

// Between the outputs of row i and row i + 1, on average.
double mean_cosine(const Array& x) {
  double sum = 0;
  for (std::int64_t i = 0; i + 1 < x.dim(0); ++i) {
    sum += mean(x[i] * x[i + 1]) / std::sqrt(mean_square(x[i]) * mean_square(x[i + 1]));
  }
  return sum / static_cast<double>(x.dim(0) - 1);
}

// Mean square of the gradient at the first layer's output over that at the last's, for a loss whose
// gradient there is normal numbers.
double gradient_ratio(std::vector<layers::Dense>& stack, const Array& x) {
  Tensor first, h = constant(x);
  for (std::size_t i = 0; i < stack.size(); ++i) {
    h = stack[i](h);
    if (i == 0) first = h;
  }
  const Array behind = normal_rows();
  const Tensor loss = ops::sum(h * constant(behind));
  return mean_square(eval(gradients(loss, {first}).front()).astype(float64)) /
         mean_square(behind.astype(float64));
}

Outcome propagate(const Stack& stack, FigureData& figure, int seed) {
  const Array inputs = normal_rows();
  Array x = inputs;
  std::vector<layers::Dense> layers;
  for (int i = 1; i <= kDepth; ++i) {
    layers.emplace_back(kUnits, layers::DenseOptions{.activation = stack.activation,
                                                     .kernel_initializer = stack.kernel});
    x = layers.back()(x);
    if (stack.rate > 0) x = layers::AlphaDropout(stack.rate)(x, {.training = true});
    const Array exact = x.astype(float64);
    figure.rows.push_back({stack.name, fmt::format("{}", seed), fmt::format("{}", i),
                           text(mean(exact)), text(variance(exact))});
  }
  const Array last = x.astype(float64);
  return {mean(last), variance(last), mean_cosine(last), gradient_ratio(layers, inputs)};
}

struct Columns {
  Outcomes mean, variance, cosine, gradient_ratio;
};

Columns propagate_all(const Stack& stack, const Options& options, Report& report) {
  FigureData& figure = report.figure(
      "layers", {"net", "draw", "layer", "mean", "variance"},
      {.x = "layer", .y = {"variance"}, .by = {"net"}, .repeat = "draw", .log = true});
  Columns columns;
  for (int seed = 1; seed <= options.seeds_or(4, 16); ++seed) {
    const Outcome outcome = propagate(stack, figure, seed);
    columns.mean.push_back(outcome.mean);
    columns.variance.push_back(outcome.variance);
    columns.cosine.push_back(outcome.cosine);
    columns.gradient_ratio.push_back(outcome.gradient_ratio);
  }
  return columns;
}

}  // namespace

void run_propagation(const Options& options, Report& report) {
  const auto run = [&](const Stack& stack) { return propagate_all(stack, options, report); };
  report.note("'runs: a to b': what 4 draws gave; as expected within as much again either side");
  const Columns selu = run({"selu", "selu", "lecun_normal", 0});
  report.values("SELU, LecunNormal: mean", as_runs(-.036, .009), selu.mean);
  report.values("SELU, LecunNormal: variance", as_runs(.96, 1.04), selu.variance);
  report.values("SELU: cosine of different inputs", at_most(0.1), selu.cosine);
  report.values("SELU: squared gradient, first / last layer", as_runs_by_ratio(83, 106),
                selu.gradient_ratio);
  for (const double rate : {.05, .1}) {
    const Columns alpha = run({"selu_alpha_dropout", "selu", "lecun_normal", rate});
    report.values(fmt::format("with AlphaDropout({}): variance", rate), as_runs(.989, 1.010),
                  alpha.variance);
  }
  const Columns tanh = run({"tanh", "tanh", "lecun_normal", 0});
  report.values("tanh, LecunNormal: variance", as_runs(.0065, .0083), tanh.variance);
  const Columns he = run({"relu_he", "relu", "he_normal", 0});
  report.values("ReLU, HeNormal: variance", as_runs_by_ratio(.42, 2.8), he.variance);
  report.values("ReLU, HeNormal: cosine of different inputs", at_least(.98), he.cosine);
  const Columns glorot = run({"relu_glorot", "relu", "glorot_uniform", 0});
  report.values("ReLU, GlorotUniform: variance", as_runs_by_ratio(2e-20, 1.5e-19), glorot.variance);
  report.because("a product of 64 random factors spreads; many draws reach further than 4 did");
  report.values("ReLU, GlorotUniform: squared gradient, ratio", as_runs_by_ratio(1e-19, 3e-19),
                glorot.gradient_ratio);
}

}  // namespace banach::snn_paper
