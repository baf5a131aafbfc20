#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/plot/plot_fixed_point.hpp>

#include <cmath>
#include <fmt/format.h>
#include <optional>

namespace banach {
namespace {

using snn::Interval;
using snn::Moments;

constexpr int kColumns = 15, kRows = 10;

constexpr const char* kParts[] = {
    "$field using 1:2:($3 * shrink($3, $4)):($4 * shrink($3, $4)) with vectors head filled size "
    "screen 0.009,20 linewidth 1.2 linecolor rgb '#A0A0A0' title 'one layer'",
    "$trajectories using 3:4 with linespoints linetype 1 linewidth 1.5 pointsize 0.45 "
    "title 'layer by layer'",
    "$trajectories using 3:($2 == 0 ? $4 : NaN) with points pointtype 6 pointsize 0.9 linewidth 2 "
    "linecolor rgb '#000000' title 'start'"};

double between(const Interval& interval, double part) {
  return interval.low + part * (interval.high - interval.low);
}

double length(const Interval& interval) { return interval.high - interval.low; }

void check(const PlotFixedPointOptions& o) {
  const auto is_range = [](const Interval& i) {
    return std::isfinite(i.low) && std::isfinite(i.high) && i.low < i.high;
  };
  if (is_range(o.mean) && is_range(o.variance) && o.variance.low >= 0 && o.layers > 0) return;
  throw InvalidArgument(fmt::format(
      "[plot_fixed_point] expected intervals with low < high, variances from 0 and at least 1 "
      "layer, received means [{}, {}], variances [{}, {}] and {}",
      o.mean.low, o.mean.high, o.variance.low, o.variance.high, o.layers));
}

plot::Table field_of(const MomentsMap& map, const PlotFixedPointOptions& o) {
  plot::Table table{.name = "field", .columns = {"mean", "variance", "mean_step", "variance_step"}};
  for (int i = 0; i < kColumns * kRows; ++i) {
    const Moments from{between(o.mean, (i % kColumns + 0.5) / kColumns),
                       between(o.variance, (i / kColumns + 0.5) / kRows)};
    const Moments to = map(from);
    table.rows.push_back(
        {from.mean, from.variance, to.mean - from.mean, to.variance - from.variance});
  }
  return table;
}

// From the corners and the middles of the sides.
plot::Table trajectories_of(const MomentsMap& map, const PlotFixedPointOptions& o) {
  plot::Table table{.name = "trajectories",
                    .columns = {"trajectory", "layer", "mean", "variance"},
                    .block = static_cast<std::size_t>(o.layers) + 1};
  constexpr double kStarts[] = {0.04, 0.5, 0.96};
  int trajectory = 0;
  for (const double mean : kStarts) {
    for (const double variance : kStarts) {
      if (mean == 0.5 && variance == 0.5) continue;
      Moments m{between(o.mean, mean), between(o.variance, variance)};
      for (int layer = 0; layer <= o.layers; ++layer, m = map(m)) {
        table.rows.push_back({double(trajectory), double(layer), m.mean, m.variance});
      }
      ++trajectory;
    }
  }
  return table;
}

// Where the layers lead from the middle; nothing when that is nowhere within the picture.
std::optional<Moments> fixed_point(const MomentsMap& map, const PlotFixedPointOptions& o) {
  constexpr int kSteps = 10000;
  constexpr double kNear = 1e-10;
  Moments m{between(o.mean, 0.5), between(o.variance, 0.5)};
  for (int i = 0; i < kSteps; ++i) {
    const Moments next = map(m);
    const double moved = std::abs(next.mean - m.mean) + std::abs(next.variance - m.variance);
    m = next;
    if (!(moved < kNear)) continue;
    if (o.mean.contains(m.mean) && o.variance.contains(m.variance)) return m;
    return {};
  }
  return {};
}

// "-0" is 0.
double rounded(double value) { return std::round(value * 1e4) / 1e4 + 0.; }

}  // namespace

plot::Figure utils::plot_fixed_point(const MomentsMap& map, const PlotFixedPointOptions& options) {
  check(options);
  plot::Figure figure({800, 600});
  figure.add(field_of(map, options));
  figure.add(trajectories_of(map, options));
  figure.command("set title " + plot::quoted(options.title));
  figure.command(
      "set xlabel 'mean' offset 0,0.5\nset ylabel 'variance'\nset key bmargin center horizontal");
  figure.command(fmt::format("set xrange [{}:{}]", options.mean.low, options.mean.high));
  figure.command(fmt::format("set yrange [{}:{}]", options.variance.low, options.variance.high));
  // An arrow is at most as long as the arrows are apart, whatever the step.
  figure.command(
      fmt::format("shrink(a, b) = 1 / (1 + {} * sqrt((a / {:.6g})**2 + (b / {:.6g})**2))", kColumns,
                  length(options.mean), length(options.variance)));
  std::vector<std::string> parts(std::begin(kParts), std::end(kParts));
  if (const auto m = fixed_point(map, options)) {
    figure.add(
        {.name = "fixed_point", .columns = {"mean", "variance"}, .rows = {{m->mean, m->variance}}});
    parts.push_back(fmt::format(
        "$fixed_point using 1:2 with points linetype 2 pointsize 1.2 title 'fixed point ({}, {})'",
        rounded(m->mean), rounded(m->variance)));
  }
  figure.command("plot " + join(parts, ", \\\n  "));
  return figure;
}

}  // namespace banach
