#pragma once

#include <banach/plot/figure.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace banach::plot {

/// A box of a diagram: lines of text, the first of them large, and the boxes before it in the list
/// from which arrows lead to it.
struct Box {
  std::vector<std::string> lines;
  std::vector<std::size_t> inputs = {};
};

/// Boxes in levels from top to bottom, each below all of its inputs; an arrow over several levels
/// goes around the boxes of those between. InvalidArgument for no boxes, and for an input that is
/// not before its box.
Figure draw_diagram(const std::vector<Box>& boxes);

}  // namespace banach::plot
