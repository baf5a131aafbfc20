#include <banach/core/errors.hpp>
#include <banach/plot/plot_images.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace banach {
namespace {

constexpr int kWidth = 800;

// Where pictures go: in units of their pixels, with room for a title above each.
struct Grid {
  std::int64_t images, height, width, channels;
  std::int64_t columns, rows;
  double cell_width, cell_height;

  double left(std::int64_t i) const { return static_cast<double>(i % columns) * cell_width; }
  double top(std::int64_t i) const { return static_cast<double>(i / columns) * cell_height; }
};

Grid grid_of(const Array& images, bool has_titles, const PlotImagesOptions& options) {
  const bool has_channels = images.rank() == 4 && (images.dim(3) == 1 || images.dim(3) == 3);
  if ((images.rank() != 3 && !has_channels) || images.size() == 0 || options.columns < 1) {
    throw InvalidArgument(
        fmt::format("[plot_images] expected images (n, h, w), (n, h, w, 1) or (n, h, w, 3) and at "
                    "least 1 column, received {} and {}",
                    images.shape().str(), options.columns));
  }
  Grid grid{images.dim(0), images.dim(1), images.dim(2), has_channels ? images.dim(3) : 1};
  grid.columns = std::min<std::int64_t>(grid.images, options.columns);
  grid.rows = (grid.images + grid.columns - 1) / grid.columns;
  grid.cell_width = 1.12 * static_cast<double>(grid.width);
  // A title takes 30 pixels of the screen.
  const double title = has_titles
                           ? 30 * grid.cell_width * static_cast<double>(grid.columns) / kWidth
                           : 0.12 * static_cast<double>(grid.width);
  grid.cell_height = static_cast<double>(grid.height) + title;
  return grid;
}

plot::Table table_of(const Array& images, const Grid& grid) {
  plot::Table table{.name = "images", .columns = {"image", "row", "column"}};
  table.block = static_cast<std::size_t>(grid.height * grid.width);
  if (grid.channels == 3) {
    table.columns.insert(table.columns.end(), {"red", "green", "blue"});
  } else {
    table.columns.push_back("gray");
  }
  const double scale = is_floating(images.dtype()) ? 255 : 1;
  const auto row_length = static_cast<std::int64_t>(table.columns.size()) - 3;
  for (std::int64_t i = 0; i < images.size(); i += row_length) {
    const std::int64_t pixel = i / row_length;
    std::vector<double>& row = table.rows.emplace_back();
    row = {static_cast<double>(pixel / (grid.height * grid.width)),
           static_cast<double>(pixel / grid.width % grid.height),
           static_cast<double>(pixel % grid.width)};
    for (std::int64_t c = 0; c < row_length; ++c) {
      row.push_back(std::clamp(std::round(scale * images.flat(i + c)), 0., 255.));
    }
  }
  return table;
}

plot::Size size_of(const Grid& grid, bool has_title) {
  const double scale = kWidth / (grid.cell_width * static_cast<double>(grid.columns));
  const double height = scale * grid.cell_height * static_cast<double>(grid.rows);
  return {kWidth, static_cast<int>(std::lround(height)) + (has_title ? 40 : 0)};
}

void add_titles(plot::Figure& figure, const Grid& grid, const std::vector<std::string>& titles) {
  for (std::size_t i = 0; i < titles.size(); ++i) {
    const auto image = static_cast<std::int64_t>(i);
    figure.command(fmt::format(
        "set label {} at {:.6g},{:.6g} center offset 0,0.6", plot::quoted(titles[i]),
        grid.left(image) + static_cast<double>(grid.width - 1) / 2, grid.top(image) - 0.5));
  }
}

}  // namespace

plot::Figure utils::plot_images(const Array& images, const std::vector<std::string>& titles,
                                const PlotImagesOptions& options) {
  const Grid grid = grid_of(images, !titles.empty(), options);
  if (!titles.empty() && static_cast<std::int64_t>(titles.size()) != grid.images) {
    throw InvalidArgument(
        fmt::format("[plot_images] expected a title for each of {} images, "
                    "received {}",
                    grid.images, titles.size()));
  }
  const bool has_title = !options.title.empty();
  const plot::Size size = size_of(grid, has_title);
  plot::Figure figure(size);
  figure.add(table_of(images, grid));
  const double above = grid.cell_height - static_cast<double>(grid.height);
  figure.command("unset border\nunset tics\nunset key\nunset grid\nunset colorbox");
  figure.command("set margins 0, 0, 0, 0");
  if (has_title) {
    figure.command(fmt::format("set tmargin at screen {:.6g}", 1 - 40. / size.height));
    figure.command("set title " + plot::quoted(options.title));
  }
  figure.command("set palette gray\nset cbrange [0:255]");
  const double side = (grid.cell_width - static_cast<double>(grid.width)) / 2 + 0.5;
  figure.command(fmt::format("set xrange [{:.6g}:{:.6g}]", -side,
                             grid.cell_width * static_cast<double>(grid.columns) - side));
  const double top = -above - 0.5;
  figure.command(fmt::format("set yrange [{:.6g}:{:.6g}]",
                             top + grid.cell_height * static_cast<double>(grid.rows), top));
  add_titles(figure, grid, titles);
  figure.command(fmt::format(
      "plot for [i=0:{}] $images every :::i::i using ($3 + (i % {}) * {:.6g}):($2 + (i / {}) * "
      "{:.6g}):{}",
      grid.images - 1, grid.columns, grid.cell_width, grid.columns, grid.cell_height,
      grid.channels == 3 ? "4:5:6 with rgbimage" : "4 with image"));
  return figure;
}

}  // namespace banach
