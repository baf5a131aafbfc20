#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/plot/plot_activations.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace banach {
namespace {

constexpr std::size_t kBins = 120;
constexpr int kLayerHeight = 60;
constexpr double kHeight = 0.9;  // of the highest bin, where layers are 1 apart

using Activations = std::vector<std::pair<std::string, Array>>;

struct Range {
  double low, high;
};

void check(const Activations& activations) {
  if (activations.empty()) {
    throw InvalidArgument("[plot_activations] expected activations of layers, received none");
  }
  for (const auto& [layer, values] : activations) {
    if (values.size() == 0) {
      throw InvalidArgument(fmt::format("[plot_activations] '{}' has no values", layer));
    }
    for (std::int64_t i = 0; i < values.size(); ++i) {
      if (std::isfinite(values.flat(i))) continue;
      throw InvalidArgument(
          fmt::format("[plot_activations] '{}' is the first layer with a value that is not finite, "
                      "{}: no histogram shows it",
                      layer, values.flat(i)));
    }
  }
}

// All but the outermost two thousandths, which would squeeze the rest.
Range range_of(const Array& array) {
  std::vector<double> values(static_cast<std::size_t>(array.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = array.flat(static_cast<std::int64_t>(i));
  }
  const auto outermost = static_cast<std::ptrdiff_t>(values.size() / 1000);
  std::ranges::nth_element(values, values.begin() + outermost);
  const double low = values[static_cast<std::size_t>(outermost)];
  std::ranges::nth_element(values, values.end() - 1 - outermost);
  return {low, *(values.end() - 1 - outermost)};
}

Range common_range(const Activations& activations) {
  Range range = range_of(activations.front().second);
  for (const auto& [layer, values] : activations) {
    const Range own = range_of(values);
    range = {std::min(range.low, own.low), std::max(range.high, own.high)};
  }
  const double margin = range.high > range.low ? 0.04 * (range.high - range.low) : 1;
  return {range.low - margin, range.high + margin};
}

// Shares of the values in each bin; what lies outside is in none.
std::vector<double> histogram(const Array& values, const Range& range) {
  std::vector<double> shares(kBins);
  const double scale = kBins / (range.high - range.low);
  for (std::int64_t i = 0; i < values.size(); ++i) {
    const double bin = std::floor((values.flat(i) - range.low) * scale);
    if (bin >= 0 && bin < kBins) {
      shares[static_cast<std::size_t>(bin)] += 1. / static_cast<double>(values.size());
    }
  }
  return shares;
}

plot::Table table_of(const Activations& activations, const Range& range) {
  plot::Table table{.name = "activations", .columns = {"value"}};
  const double width = (range.high - range.low) / kBins;
  for (std::size_t i = 0; i < kBins; ++i) {
    table.rows.push_back({range.low + (static_cast<double>(i) + 0.5) * width});
  }
  for (const auto& [layer, values] : activations) {
    table.columns.push_back(layer);
    const std::vector<double> shares = histogram(values, range);
    for (std::size_t i = 0; i < kBins; ++i) table.rows[i].push_back(shares[i]);
  }
  return table;
}

// Layer `i` of `count` stands on the line at count - 1 - i.
std::string ridge(const plot::Table& table, std::size_t i, std::size_t count) {
  double highest = 0;
  for (const auto& row : table.rows) highest = std::max(highest, row[i + 1]);
  const double scale = highest > 0 ? kHeight / highest : 0;
  const std::size_t base = count - 1 - i;
  const std::string points =
      fmt::format("$activations using 1:({} + {:.6g} * ${})", base, scale, i + 2);
  return fmt::format(
      "{0} with filledcurves y={1} fillcolor rgb '{2}' notitle, {0} with lines linetype 1 "
      "linewidth 1.5 notitle",
      points, base, plot::tint(0));
}

// Two decimals, unless the values are so small that these would say nothing.
std::pair<std::string, std::string> moments(const Array& values) {
  constexpr double kSmall = 0.005, kLarge = 10000;
  const double m = mean(values), v = variance(values);
  const auto text = [](double value, double size) {
    if (size < kSmall || size >= kLarge) return fmt::format("{:.1e}", value);
    return fmt::format("{:.2f}", std::round(100 * value) / 100 + 0.);  // no "-0.00"
  };
  return {text(m, std::max(std::abs(m), std::sqrt(v))), text(v, v)};
}

// Two columns on the right.
void label(plot::Figure& figure, const std::pair<std::string, std::string>& texts, double y) {
  const auto put = [&](const std::string& text, double x) {
    figure.command(
        fmt::format("set label {} at graph {}, first {} right", plot::quoted(text), x, y));
  };
  put(texts.first, 1.18);
  put(texts.second, 1.38);
}

void label_layers(plot::Figure& figure, const Activations& activations) {
  std::vector<std::string> tics;
  const std::size_t count = activations.size();
  label(figure, {"mean", "variance"}, static_cast<double>(count));
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [layer, values] = activations[i];
    tics.push_back(fmt::format("{} {}", plot::quoted(layer), count - 1 - i));
    label(figure, moments(values), static_cast<double>(count - 1 - i) + 0.2);
  }
  figure.command("set ytics scale 0 (" + join(tics, ", ") + ")");
}

}  // namespace

plot::Figure utils::plot_activations(const Activations& activations,
                                     const PlotActivationsOptions& options) {
  check(activations);
  const std::size_t count = activations.size();
  const Range range = common_range(activations);
  const plot::Table table = table_of(activations, range);
  plot::Figure figure({800, 160 + kLayerHeight * static_cast<int>(count)});
  figure.add(table);
  figure.command("set title " + plot::quoted(options.title));
  figure.command("set xlabel 'activation'");
  figure.command(fmt::format("set xrange [{:.6g}:{:.6g}]", range.low, range.high));
  figure.command(fmt::format("set yrange [-0.15:{}]", count));
  figure.command("set border 1\nunset key\nset rmargin 25");
  label_layers(figure, activations);
  std::vector<std::string> ridges;
  for (std::size_t i = 0; i < count; ++i) ridges.push_back(ridge(table, i, count));
  figure.command("plot " + join(ridges, ", \\\n  "));
  return figure;
}

}  // namespace banach
