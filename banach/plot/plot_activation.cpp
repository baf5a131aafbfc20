#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/plot/plot_activation.hpp>

#include <cmath>
#include <fmt/format.h>

namespace banach {
namespace {

constexpr std::int64_t kPoints = 401;

Array axis(double from, double to) {
  Array x({kPoints}, float64);
  const auto values = x.mutable_values<double>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = from + (to - from) * static_cast<double>(i) / (kPoints - 1);
  }
  return x;
}

void check(const PlotActivationOptions& options) {
  if (std::isfinite(options.from) && std::isfinite(options.to) && options.from < options.to) return;
  throw InvalidArgument(fmt::format("[plot_activation] expected from < to, received {} and {}",
                                    options.from, options.to));
}

plot::Table values_of(const std::vector<Curve>& functions, const Array& x) {
  plot::Table table{.name = "activation", .columns = {"x"}};
  for (std::int64_t i = 0; i < kPoints; ++i) table.rows.push_back({x.flat(i)});
  for (const Curve& function : functions) {
    const Array y = function.f(x);
    if (y.shape() != x.shape()) {
      throw InvalidArgument(
          fmt::format("[plot_activation] '{}' gives {} for x of shape {}: expected the same shape",
                      function.name, y.shape().str(), x.shape().str()));
    }
    table.columns.push_back(function.name);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      table.rows[i].push_back(y.flat(static_cast<std::int64_t>(i)));
    }
  }
  return table;
}

}  // namespace

std::function<Array(const Array&)> Curve::on_array(std::function<double(double)> f) {
  return [f = std::move(f)](const Array& x) {
    Array y(x.shape(), float64);
    const auto values = y.mutable_values<double>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = f(x.flat(static_cast<std::int64_t>(i)));
    }
    return y;
  };
}

plot::Figure utils::plot_activation(const std::vector<Curve>& functions,
                                    const PlotActivationOptions& options) {
  check(options);
  plot::Figure figure;
  figure.add(values_of(functions, axis(options.from, options.to)));
  figure.command("set title " + plot::quoted(options.title));
  figure.command("set xlabel 'x'");
  figure.command("set ylabel 'f(x)'");
  figure.command("set key top left");
  figure.command("set zeroaxis linetype 1 linewidth 1 linecolor rgb '#808080'");
  figure.command("set offsets 0, 0, graph 0.05, graph 0.05");
  std::vector<std::string> curves;
  for (std::size_t i = 0; i < functions.size(); ++i) {
    curves.push_back(fmt::format("$activation using 1:{} with lines linetype {} title {}", i + 2,
                                 i + 1, plot::quoted(functions[i].name)));
  }
  figure.command("plot " + join(curves, ", "));
  return figure;
}

}  // namespace banach
