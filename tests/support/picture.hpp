#pragma once

#include <banach/plot/figure.hpp>

#include <string>
#include <vector>

namespace banach::testing {

/// Whether PATH has gnuplot, without which nothing is drawn.
bool has_gnuplot();

/// Whether a text is XML whose elements are closed in the order in which they were opened.
bool is_well_formed(const std::string& xml);

/// Draws the figure as SVG and as PNG, where gnuplot is: the first must be well-formed and hold the
/// texts, the second a picture.
void check_draws(const plot::Figure& figure, const std::vector<std::string>& texts = {});

}  // namespace banach::testing
