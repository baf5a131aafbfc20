#pragma once

#include <banach/core/array.hpp>
#include <banach/plot/figure.hpp>

#include <functional>
#include <string>
#include <type_traits>
#include <vector>

namespace banach {

/// A function to draw and its name: `{"selu", activations::selu}`, or of numbers:
/// `{"square", [](double x) { return x * x; }}`.
struct Curve {
  using OnArray = Array (*)(const Array&);

  Curve(std::string name, OnArray f) : name(std::move(name)), f(f) {}
  template <class F>
  requires std::is_invocable_r_v<Array, F&, const Array&> Curve(std::string name, F f)
      : name(std::move(name)), f(std::move(f)) {}
  template <class F>
  requires std::is_invocable_r_v<double, F&, double> Curve(std::string name, F f)
      : name(std::move(name)), f(on_array(std::move(f))) {}

  std::string name;
  std::function<Array(const Array&)> f;  ///< x (n,) float64 -> y (n,)

 private:
  static std::function<Array(const Array&)> on_array(std::function<double(double)> f);
};

struct PlotActivationOptions {
  double from = -4, to = 4;
  std::string title = {};
};

namespace utils {

/// The functions' curves over one axis:
/// `utils::plot_activation({{"relu", activations::relu}}).save("relu.svg")`.
/// InvalidArgument unless from < to, and for a function that gives another shape.
plot::Figure plot_activation(const std::vector<Curve>& functions,
                             const PlotActivationOptions& options = {});

}  // namespace utils
}  // namespace banach
