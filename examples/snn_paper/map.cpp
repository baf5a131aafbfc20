// E2: the map g from a layer's mean and variance to the next one's, and draws beside it.
#include <examples/snn_paper/experiments.hpp>

#include <banach/core/random.hpp>
#include <banach/snn/mean_variance_map.hpp>

#include <cmath>
#include <fmt/core.h>

namespace banach::snn_paper {
namespace {

struct Vector {  // inputs, then what 12 digits of quadrature gave
  double mean, omega, variance, tau, next_mean, next_variance;
};

constexpr Vector kVectors[] = {
    {.1, .1, .8, .95, -0.01069882683, 0.808230176313},
    {.1, .1, 1.5, 1.1, 0.0677251016899, 1.48157495827},
    {-.1, .1, 1.5, 1.1, 0.0492363599775, 1.47208122177},
    {0, 0, 3, 1.1, 0.199516178326, 2.5302302074},
    {0, 0, 16, 1.25, 1.14547758706, 10.8820243779},
    {0, 0, .02, .8, -0.0291112758591, 0.0283403755648},
    {.5, .05, 2, 1.2, 0.146487249897, 1.99066426484},
};

struct Sample {
  double mean = 0, variance = 0, mean_error = 0, variance_error = 0;
};

// selu of a million normal numbers: moments and their standard errors.
Sample draw(double mean, double variance, RandomGenerator& random) {
  constexpr int kDraws = 1000000;
  std::vector<double> values(kDraws);
  const snn::SeluConstants constants;
  Sample sample;
  for (double& y : values) {
    const double z = mean + std::sqrt(variance) * random.normal();
    y = constants.scale * (z > 0 ? z : constants.alpha * std::expm1(z));
    sample.mean += y / kDraws;
  }
  double fourth = 0;
  for (const double y : values) {
    const double square = (y - sample.mean) * (y - sample.mean);
    sample.variance += square / kDraws;
    fourth += square * square / kDraws;
  }
  sample.mean_error = std::sqrt(sample.variance / kDraws);
  sample.variance_error = std::sqrt((fourth - sample.variance * sample.variance) / kDraws);
  return sample;
}

}  // namespace

void run_map(const Options&, Report& report) {
  RandomGenerator random(1);
  for (const Vector& v : kVectors) {
    const std::string at =
        fmt::format("of ({}, {}), omega {}, tau {}", v.mean, v.variance, v.omega, v.tau);
    const snn::Moments next = snn::mean_variance_map({v.mean, v.variance}, {v.omega, v.tau});
    report.value("mean " + at, near(v.next_mean, 1e-10), next.mean, 12);
    report.value("variance " + at, near(v.next_variance, 1e-10), next.variance, 12);
    const Sample sample = draw(v.mean * v.omega, v.variance * v.tau, random);
    report.value("  a million draws: mean", near(next.mean, 4 * sample.mean_error), sample.mean);
    report.value("  a million draws: variance", near(next.variance, 4 * sample.variance_error),
                 sample.variance);
  }
}

}  // namespace banach::snn_paper
