#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/plot/plot_decision_boundary.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace banach {
namespace {

constexpr std::int64_t kGrid = 200;
constexpr int kMaxClasses = static_cast<int>(plot::kColors);

struct Range {
  double low, high;
  double at(std::int64_t i) const {
    return low + (high - low) * (static_cast<double>(i) + 0.5) / kGrid;
  }
};

// What the samples cover along an axis, and a tenth more on both sides.
Range range_of(const Array& x, std::int64_t axis) {
  Range range{x.at({0, axis}), x.at({0, axis})};
  for (std::int64_t i = 0; i < x.dim(0); ++i) {
    const double value = x.at({i, axis});
    if (!std::isfinite(value)) {
      throw InvalidArgument(
          fmt::format("[plot_decision_boundary] x[{}] has a value that is not finite", i));
    }
    range = {std::min(range.low, value), std::max(range.high, value)};
  }
  const double margin = range.high > range.low ? 0.1 * (range.high - range.low) : 1;
  return {range.low - margin, range.high + margin};
}

void check(const Array& x, const Array& y) {
  if (x.rank() == 2 && x.dim(1) == 2 && x.dim(0) > 0 && y.size() == x.dim(0)) return;
  throw InvalidArgument(
      fmt::format("[plot_decision_boundary] expected x (n, 2) and y (n,), received {} and {}",
                  x.shape().str(), y.shape().str()));
}

plot::Table samples_of(const Array& x, const Array& y) {
  plot::Table table{.name = "samples", .columns = {"x1", "x2", "class"}};
  for (std::int64_t i = 0; i < x.dim(0); ++i) {
    const double label = y.flat(i);
    if (label != std::floor(label) || label < 0 || label >= kMaxClasses) {
      throw InvalidArgument(
          fmt::format("[plot_decision_boundary] y[{}] must be a class from 0 to {}, received {}", i,
                      kMaxClasses - 1, label));
    }
    table.rows.push_back({x.at({i, 0}), x.at({i, 1}), label});
  }
  return table;
}

Array grid_points(const Range& x1, const Range& x2) {
  Array points({kGrid * kGrid, 2});
  const auto values = points.mutable_values<float>();
  for (std::int64_t i = 0; i < kGrid * kGrid; ++i) {
    values[static_cast<std::size_t>(2 * i)] = static_cast<float>(x1.at(i % kGrid));
    values[static_cast<std::size_t>(2 * i + 1)] = static_cast<float>(x2.at(i / kGrid));
  }
  return points;
}

// One number for each point: a class, or the probability of class 1.
Array values_at(const PointClassifier& predict, const Array& points) {
  const Array values = predict(points);
  if (values.rank() > 0 && values.size() == points.dim(0)) return values.reshape({-1});
  if (values.rank() == 2 && values.dim(0) == points.dim(0)) return argmax(values);
  throw InvalidArgument(
      fmt::format("[plot_decision_boundary] for points {} expected a number or probabilities of "
                  "classes each, received {}",
                  points.shape().str(), values.shape().str()));
}

plot::Table grid_of(const Array& points, const Array& values) {
  plot::Table table{.name = "grid", .columns = {"x1", "x2", "value"}, .block = kGrid};
  for (std::int64_t i = 0; i < points.dim(0); ++i) {
    table.rows.push_back({points.at({i, 0}), points.at({i, 1}), values.flat(i)});
  }
  return table;
}

int largest(const plot::Table& table) {
  double result = 1;
  for (const auto& row : table.rows) result = std::max(result, row.back());
  return static_cast<int>(std::lround(std::min(result, double{kMaxClasses - 1})));
}

// A tint for each class; between two classes, probabilities by white.
std::string palette(int classes) {
  std::vector<std::string> stops;
  for (int i = 0; i < classes; ++i) {
    stops.push_back(fmt::format("{} '{}'", i, plot::tint(static_cast<std::size_t>(i))));
    if (classes == 2 && i == 0) stops.push_back("0.5 '#FFFFFF'");
  }
  return "set palette defined (" + join(stops, ", ") + ")";
}

std::string levels(int classes) {
  std::vector<std::string> between;
  for (int i = 0; i + 1 < classes; ++i) between.push_back(fmt::format("{}", i + 0.5));
  return "set cntrparam levels discrete " + join(between, ", ");
}

// With a white rim, so that each shows where they are many.
std::string points(int label) {
  constexpr int kShapes[] = {7, 9, 5, 11, 13, 7, 9};  // disk, triangle, square, ...
  return fmt::format(
      "$samples using 1:($3 == {0} ? $2 : NaN) with points pointtype {1} pointsize 1.05 "
      "linecolor rgb '#FFFFFF' notitle, \\\n  "
      "$samples using 1:($3 == {0} ? $2 : NaN) with points pointtype {1} pointsize 0.75 "
      "linecolor rgb '{2}' title 'class {0}'",
      label, kShapes[label], plot::color(static_cast<std::size_t>(label)));
}

}  // namespace

plot::Figure utils::plot_decision_boundary(const PointClassifier& predict, const Array& x,
                                           const Array& y,
                                           const PlotDecisionBoundaryOptions& options) {
  check(x, y);
  const Range x1 = range_of(x, 0), x2 = range_of(x, 1);
  const Array grid = grid_points(x1, x2);
  plot::Figure figure({800, 600});
  const plot::Table samples = samples_of(x, y), values = grid_of(grid, values_at(predict, grid));
  const int classes = 1 + std::max(largest(samples), largest(values));
  figure.add(samples);
  figure.add(values);
  figure.command(levels(classes));
  figure.command("set contour base\nunset surface\nset table $boundary");
  figure.command("splot $grid using 1:2:3\nunset table\nunset contour");
  figure.command("set title " + plot::quoted(options.title));
  figure.command("set xlabel " + plot::quoted(options.xlabel));
  figure.command("set ylabel " + plot::quoted(options.ylabel));
  figure.command(fmt::format("set xrange [{:.6g}:{:.6g}]", x1.low, x1.high));
  figure.command(fmt::format("set yrange [{:.6g}:{:.6g}]", x2.low, x2.high));
  figure.command(fmt::format("set cbrange [0:{}]\nunset colorbox\nunset grid", classes - 1));
  figure.command(palette(classes));
  figure.command("set key outside right top");
  std::vector<std::string> parts = {
      "$grid using 1:2:3 with image notitle",
      "$boundary using 1:2 with lines linewidth 2.5 linecolor rgb '#000000' title 'boundary'"};
  for (int label = 0; label < classes; ++label) parts.push_back(points(label));
  figure.command("plot " + join(parts, ", \\\n  "));
  return figure;
}

}  // namespace banach
