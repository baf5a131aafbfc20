#pragma once

#include <examples/snn_paper/report.hpp>

#include <banach/plot/figure.hpp>

namespace banach::snn_paper {

/// A figure's data as curves, for data that says which column is what (Axes::x).
plot::Figure draw(const FigureData& data, const std::string& title);

}  // namespace banach::snn_paper
