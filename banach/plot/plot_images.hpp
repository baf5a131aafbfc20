#pragma once

#include <banach/core/array.hpp>
#include <banach/plot/figure.hpp>

#include <string>
#include <vector>

namespace banach {

struct PlotImagesOptions {
  int columns = 5;
  std::string title = {};
};

namespace utils {

/// Pictures in rows, each under its title, such as digits with what a model says of them. `images`
/// (n, h, w) or (n, h, w, 1) gray, (n, h, w, 3) colours; bytes, or numbers from 0 to 1, beyond
/// which they are cut. `titles` are n or none. InvalidArgument for other shapes.
plot::Figure plot_images(const Array& images, const std::vector<std::string>& titles = {},
                         const PlotImagesOptions& options = {});

}  // namespace utils
}  // namespace banach
