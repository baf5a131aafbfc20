#pragma once

#include <span>

namespace banach::snn_paper {

/// Of several runs.
struct Spread {
  double mean = 0;
  double deviation = 0;  ///< of one run, with n - 1; 0 for a single one
  double error = 0;      ///< of the mean
};
Spread spread(std::span<const double> values);

}  // namespace banach::snn_paper
