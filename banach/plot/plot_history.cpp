#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/plot/plot_history.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {
namespace {

using Values = std::map<std::string, std::vector<double>>;

constexpr std::string_view kValidation = "val_";
constexpr int kPanelWidth = 800, kPanelHeight = 400, kHalfWidth = 450;

std::string metric_of(const std::string& name) {
  return name.starts_with(kValidation) ? name.substr(kValidation.size()) : name;
}

// What has a panel: losses first.
std::vector<std::string> metrics_of(const Values& history) {
  std::vector<std::string> metrics;
  for (const auto& [name, values] : history) metrics.push_back(metric_of(name));
  std::ranges::sort(metrics);
  metrics.erase(std::unique(metrics.begin(), metrics.end()), metrics.end());
  std::stable_partition(metrics.begin(), metrics.end(),
                        [](const std::string& name) { return name.ends_with("loss"); });
  return metrics;
}

plot::Table table_of(const Values& history) {
  plot::Table table{.name = "history", .columns = {"epoch"}};
  const std::size_t epochs = history.empty() ? 0 : history.begin()->second.size();
  if (epochs == 0) throw InvalidArgument("[plot_history] expected values of epochs, received none");
  for (std::size_t i = 0; i < epochs; ++i) table.rows.push_back({static_cast<double>(i + 1)});
  for (const auto& [name, values] : history) {
    if (values.size() != epochs) {
      throw InvalidArgument(fmt::format("[plot_history] '{}' has {} values and '{}' {}",
                                        history.begin()->first, epochs, name, values.size()));
    }
    table.columns.push_back(name);
    for (std::size_t i = 0; i < epochs; ++i) table.rows[i].push_back(values[i]);
  }
  return table;
}

// Some values of one name, "" when it has none.
std::string curve(const Values& history, const std::string& name, std::size_t color, bool dashed) {
  const auto found = history.find(name);
  if (found == history.end()) return "";
  const auto column = std::distance(history.begin(), found) + 2;
  return fmt::format("$history using 1:{} with linespoints linetype {} dashtype {} title {}",
                     column, color + 1, dashed ? "'-'" : "solid",
                     dashed ? "'validation'" : "'training'");
}

std::string panel(const Values& history, const std::string& metric) {
  std::vector<std::string> curves = {curve(history, metric, 0, false),
                                     curve(history, std::string(kValidation) + metric, 1, true)};
  std::erase(curves, "");
  return "plot " + join(curves, ", ");
}

}  // namespace

plot::Figure utils::plot_history(const Values& history, const PlotHistoryOptions& options) {
  const plot::Table table = table_of(history);
  const std::vector<std::string> metrics = metrics_of(history);
  const int columns = metrics.size() > 1 ? 2 : 1;
  const int rows = (static_cast<int>(metrics.size()) + columns - 1) / columns;
  plot::Figure figure({columns == 1 ? kPanelWidth : 2 * kHalfWidth, rows * kPanelHeight});
  figure.add(table);
  figure.command(fmt::format("set multiplot layout {},{}{}", rows, columns,
                             options.title.empty() ? "" : " title " + plot::quoted(options.title)));
  figure.command("set xlabel 'epoch'");
  const std::size_t epochs = table.rows.size();
  figure.command(fmt::format("set xtics 1,{}", std::max<std::size_t>(1, epochs / 8)));
  figure.command(fmt::format("set xrange [{}:{}]", 1 - 0.04 * static_cast<double>(epochs),
                             1.04 * static_cast<double>(epochs)));
  figure.command("set offsets 0, 0, graph 0.05, graph 0.05");
  for (const std::string& metric : metrics) {
    figure.command("set title " + plot::quoted(metric));
    figure.command(metric.ends_with("loss") ? "set key top right" : "set key bottom right");
    figure.command(panel(history, metric));
  }
  figure.command("unset multiplot");
  return figure;
}

}  // namespace banach
