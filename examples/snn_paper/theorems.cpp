// E4: the paper's theorems on grids, its fixed points and Jacobian; the gain of gradients.
#include <examples/snn_paper/experiments.hpp>

#include <banach/snn/backward_gain.hpp>
#include <banach/snn/domains.hpp>
#include <banach/snn/fixed_point.hpp>

#include <algorithm>
#include <fmt/core.h>

namespace banach::snn_paper {
namespace {

using snn::Interval;
using snn::Moments;
using snn::WeightSums;

constexpr int kSteps = 16;  // of each of a domain's four sides

double at(const Interval& interval, int step) {
  return interval.low + (interval.high - interval.low) * step / kSteps;
}

// visit(inputs, weights, outputs) on the grid of a domain.
template <class Visit>
void walk(const snn::Domain& domain, Visit visit) {
  for (int i = 0; i <= kSteps; ++i) {
    for (int j = 0; j <= kSteps; ++j) {
      for (int k = 0; k <= kSteps; ++k) {
        for (int l = 0; l <= kSteps; ++l) {
          const Moments x{at(domain.mu, i), at(domain.nu, k)};
          const WeightSums w{at(domain.omega, j), at(domain.tau, l)};
          visit(x, w, snn::mean_variance_map(x, w));
        }
      }
    }
  }
}

struct Range {
  double low = 1e300, high = -1e300;
  void add(double x) {
    low = std::min(low, x);
    high = std::max(high, x);
  }
};

Range variance_ratios(const snn::Domain& domain) {
  Range ratios;
  walk(domain, [&](const Moments& x, const WeightSums&, const Moments& y) {
    ratios.add(y.variance / x.variance);
  });
  return ratios;
}

void check_theorem_1(Report& report) {
  const snn::Domain domain = snn::theorem_1_domain();
  Range means, variances;
  walk(domain, [&](const Moments&, const WeightSums&, const Moments& y) {
    means.add(y.mean);
    variances.add(y.variance);
  });
  report.value("theorem 1: least mean of the image", between(-0.031065, -0.031), means.low);
  report.value("theorem 1: largest mean", between(0.0677, 0.06773), means.high);
  report.value("theorem 1: least variance", between(0.80009, 0.8038), variances.low);
  report.value("theorem 1: largest variance", between(1.4815, 1.48617), variances.high);

  const snn::Jacobian j = snn::jacobian({0, 1});
  report.value("Jacobian at (0, 1): mean by variance", near(0.0888347551069, 1e-12),
               j.mean_by_variance, 12);
  report.value("Jacobian at (0, 1): variance by variance", near(0.782647883197, 1e-12),
               j.variance_by_variance, 12);
  report.value("Jacobian at (0, 1): spectral norm", near(0.7877, 5e-5), j.spectral_norm());
}

void check_fixed_points(Report& report) {
  struct Corner {
    double omega, tau, mean, variance;
  };
  constexpr Corner kCorners[] = {
      {0, 1, 0, 1},
      {-.1, .95, -0.016720354, 0.830654349},
      {0, .95, -0.0185660645, 0.828794605},
      {.1, .95, -0.0208703086, 0.826473751},
      {-.1, 1.1, 0.0435857234, 1.39057960},
      {0, 1.1, 0.0485177967, 1.39930809},
      {.1, 1.1, 0.0547059806, 1.41028983},
  };  // in 40 digits of arithmetic
  FigureData& figure = report.figure("fixed_points", {"omega", "tau", "mean", "variance"});
  for (const Corner& corner : kCorners) {
    const auto found = snn::fixed_point({corner.omega, corner.tau}, {}, {0.1, 1.5});
    const std::string of = fmt::format("omega {}, tau {}", corner.omega, corner.tau);
    report.value("fixed point's mean, " + of, near(corner.mean, 5.1e-10), found.mean, 9);
    report.value("fixed point's variance, " + of, near(corner.variance, 5.1e-9), found.variance, 9);
    figure.rows.push_back(
        {text(corner.omega), text(corner.tau), text(found.mean), text(found.variance)});
  }
}

}  // namespace

void run_theorems(const Options&, Report& report) {
  check_theorem_1(report);
  check_fixed_points(report);
  report.value("theorem 2: largest ratio of variances, below 1", near(0.960085, 5.1e-7),
               variance_ratios(snn::theorem_2_domain()).high, 6);
  constexpr double kLeast[] = {1.15880, 1.20803};
  for (std::size_t i = 0; i < 2; ++i) {
    report.value(fmt::format("theorem 3, domain {}: least ratio, above 1", i + 1),
                 near(kLeast[i], 5.1e-6), variance_ratios(snn::theorem_3_domains()[i]).low, 6);
  }
  report.value("gain of squared gradients in a layer", near(1.07157499246, 1e-11),
               snn::backward_gain(), 12);
  constexpr std::pair<int, double> kGrowth[] = {
      {8, 1.738523}, {16, 3.022464}, {32, 9.135288}, {63, 77.87928}, {127, 6499.297}};
  for (const auto& [hops, growth] : kGrowth) {
    report.value(fmt::format("growth of squared gradients over {} layers", hops),
                 near(growth, 1e-6 * growth), snn::gradient_growth(hops), 7);
  }
}

}  // namespace banach::snn_paper
