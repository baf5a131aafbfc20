#pragma once

#include <banach/core/array.hpp>
#include <banach/plot/figure.hpp>

#include <string>
#include <utility>
#include <vector>

namespace banach {

struct PlotActivationsOptions {
  std::string title = {};
};

namespace utils {

/// How values are distributed from layer to layer: a histogram for each, the first one on top, over
/// one axis, with mean and variance beside it. A histogram is as high as its most frequent value
/// demands. `activations` is arrays by the layers' names, in order. InvalidArgument when there are
/// none or one is empty; for values that are not finite it names the first such layer.
plot::Figure plot_activations(const std::vector<std::pair<std::string, Array>>& activations,
                              const PlotActivationsOptions& options = {});

}  // namespace utils
}  // namespace banach
