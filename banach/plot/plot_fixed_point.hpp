#pragma once

#include <banach/plot/figure.hpp>
#include <banach/snn/domains.hpp>
#include <banach/snn/moments.hpp>

#include <functional>
#include <string>

namespace banach {

/// What a layer makes of the mean and variance of its inputs.
using MomentsMap = std::function<snn::Moments(const snn::Moments&)>;

struct PlotFixedPointOptions {
  snn::Interval mean = {-1, 1};
  snn::Interval variance = {0, 2.5};
  int layers = 20;  ///< steps of each trajectory
  std::string title = {};
};

namespace utils {

/// Where layers move mean and variance: an arrow from moments towards those a layer later, longer
/// where they move more; the ways through many layers, a point each; and the fixed point, if they
/// come to one: `utils::plot_fixed_point([](auto& m) { return snn::mean_variance_map(m); })`.
/// InvalidArgument for empty intervals, variances below 0, and fewer layers than 1.
plot::Figure plot_fixed_point(const MomentsMap& map, const PlotFixedPointOptions& options = {});

}  // namespace utils
}  // namespace banach
