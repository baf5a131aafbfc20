#pragma once

#include <banach/core/array.hpp>
#include <banach/plot/figure.hpp>

#include <functional>
#include <string>

namespace banach {

/// What a model says of points (n, 2), float32: probabilities of class 1 or numbers of classes (n,)
/// or (n, 1), or probabilities of each class (n, classes).
using PointClassifier = std::function<Array(const Array&)>;

struct PlotDecisionBoundaryOptions {
  std::string title = {};
  std::string xlabel = "x₁", ylabel = "x₂";
};

namespace utils {

/// Where a classifier of two features changes its mind, with the samples x (n, 2) and their classes
/// y (n,), whole numbers from 0:
/// `utils::plot_decision_boundary([&](const Array& x) { return model.predict(x); }, x, y)`.
/// InvalidArgument for other shapes, other classes, and numbers that are not finite.
plot::Figure plot_decision_boundary(const PointClassifier& predict, const Array& x, const Array& y,
                                    const PlotDecisionBoundaryOptions& options = {});

}  // namespace utils
}  // namespace banach
