// E3: the map g applied again and again.
#include <examples/snn_paper/experiments.hpp>

#include <banach/snn/mean_variance_map.hpp>

#include <fmt/core.h>

namespace banach::snn_paper {
namespace {

constexpr std::size_t kLayers[] = {1, 2, 4, 8, 16, 32};

struct Start {
  snn::Moments moments;
  double variances[6];  // after kLayers, in 40 digits of arithmetic
};

constexpr Start kStarts[] = {
    {{.1, 1.5}, {1.37153100, 1.27935814, 1.16195135, 1.05760570, 1.00789233, 1.00015573}},
    {{-.1, 1.5}, {1.37153100, 1.27935814, 1.16195135, 1.05760570, 1.00789233, 1.00015573}},
    {{0, .1}, {.149941513, .212842684, .366827474, .672741271, .944454755, .998864061}},
    {{0, 10}, {6.11422307, 4.11261825, 2.35264612, 1.36865660, 1.04447549, 1.00086049}},
    {{0, 3}, {2.34906220, 1.94235241, 1.49488859, 1.16050006, 1.02101370, 1.00041170}},
};

constexpr double kMeans[] = {.044983438, .033393127, .018993306, .0066215261,
                             .00089743499};  // of (0.1, 1.5)

}  // namespace

void run_iteration(const Options&, Report& report) {
  FigureData& figure =
      report.figure("trajectories", {"start", "layer", "mean", "variance"},
                    {.x = "layer", .y = {"variance"}, .by = {"start"}, .log = true});
  for (const Start& start : kStarts) {
    const std::string name = fmt::format("({}, {})", start.moments.mean, start.moments.variance);
    const auto path = snn::iterate(start.moments, 32);
    for (std::size_t i = 0; i < std::size(kLayers); ++i) {
      report.value(fmt::format("variance of {} after {}", name, kLayers[i]),
                   near(start.variances[i], 5.1e-9), path[kLayers[i]].variance, 9);
    }
    for (std::size_t i = 0; i < path.size(); ++i) {
      figure.rows.push_back({fmt::format("\"{}\"", name), fmt::format("{}", i), text(path[i].mean),
                             text(path[i].variance)});
    }
  }
  const auto path = snn::iterate(kStarts[0].moments, 32);
  for (std::size_t i = 0; i < std::size(kMeans); ++i) {
    report.value(fmt::format("mean of (0.1, 1.5) after {}", kLayers[i]), near(kMeans[i], 5.1e-10),
                 path[kLayers[i]].mean, 8);
  }
}

}  // namespace banach::snn_paper
