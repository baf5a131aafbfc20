#include <examples/snn_paper/drawing.hpp>

#include <banach/core/suggest.hpp>

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

namespace banach::snn_paper {
namespace {

using Row = std::vector<std::string>;

struct Curve {
  std::string name, run;  // several runs have one name, and one colour
  plot::Table table;
};

std::size_t position(const FigureData& data, const std::string& column) {
  const auto found = std::ranges::find(data.columns, column);
  return static_cast<std::size_t>(found - data.columns.begin());
}

std::string label(std::string cell) {
  std::erase(cell, '"');
  return cell;
}

std::string name_of(const FigureData& data, const Row& row, const std::string& y) {
  std::vector<std::string> parts;
  for (const std::string& column : data.axes.by)
    parts.push_back(label(row[position(data, column)]));
  if (data.axes.y.size() > 1) parts.push_back(y);
  return join(parts);
}

Curve& curve_of(std::vector<Curve>& curves, const std::string& name, const std::string& run) {
  const auto same = [&](const Curve& curve) { return curve.name == name && curve.run == run; };
  const auto found = std::ranges::find_if(curves, same);
  if (found != curves.end()) return *found;
  return curves.emplace_back(
      Curve{name, run, {fmt::format("curve_{}", curves.size()), {"x", "y"}}});
}

std::vector<Curve> curves_of(const FigureData& data) {
  const Axes& axes = data.axes;
  std::vector<Curve> curves;
  for (const Row& row : data.rows) {
    const std::string run = axes.repeat.empty() ? "" : row[position(data, axes.repeat)];
    for (const std::string& y : axes.y) {
      Curve& curve = curve_of(curves, name_of(data, row, y), run);
      curve.table.rows.push_back({std::atof(row[position(data, axes.x)].c_str()),
                                  std::atof(row[position(data, y)].c_str())});
    }
  }
  return curves;
}

std::string plot_command(const std::vector<Curve>& curves) {
  std::vector<std::string> names, parts;
  for (const Curve& curve : curves) {
    const bool is_first = std::ranges::find(names, curve.name) == names.end();
    if (is_first) names.push_back(curve.name);
    const auto color = std::ranges::find(names, curve.name) - names.begin() + 1;
    parts.push_back(fmt::format(
        "${} using 1:2 with lines linetype {} {}", curve.table.name, color,
        is_first && !curve.name.empty() ? "title " + plot::quoted(curve.name) : "notitle"));
  }
  return "plot " + join(parts);
}

}  // namespace

plot::Figure draw(const FigureData& data, const std::string& title) {
  const std::vector<Curve> curves = curves_of(data);
  plot::Figure figure;
  for (const Curve& curve : curves) figure.add(curve.table);
  figure.command("set title " + plot::quoted(title));
  figure.command("set xlabel " + plot::quoted(data.axes.x));
  if (data.axes.y.size() == 1) figure.command("set ylabel " + plot::quoted(data.axes.y.front()));
  if (data.axes.log) figure.command("set logscale y; set format y '%.0e'");
  figure.command("set key outside right top");
  figure.command(plot_command(curves));
  return figure;
}

}  // namespace banach::snn_paper
