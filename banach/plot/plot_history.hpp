#pragma once

#include <banach/plot/figure.hpp>

#include <map>
#include <string>
#include <vector>

namespace banach {

struct PlotHistoryOptions {
  std::string title = {};
};

namespace utils {

/// Loss and metrics by epoch, counted from 1, a panel each, validation dashed beside training:
/// `utils::plot_history(model.fit(...).history)`. `history` is values by name, one an epoch, as
/// History::history. InvalidArgument when there are none, or names differ in their number.
plot::Figure plot_history(const std::map<std::string, std::vector<double>>& history,
                          const PlotHistoryOptions& options = {});

}  // namespace utils
}  // namespace banach
