#pragma once

#include <banach/models/model.hpp>
#include <banach/plot/figure.hpp>

namespace banach {

/// As keras.utils.plot_model, without to_file (save the figure), rankdir, expand_nested and dpi.
struct PlotModelOptions {
  bool show_shapes = false;
  bool show_dtype = false;
  bool show_layer_names = false;
  bool show_layer_activations = false;
  bool show_trainable = false;
};

namespace utils {

/// A model's layers as boxes, a box for each call, and what goes from layer to layer as arrows:
/// `utils::plot_model(model, {.show_shapes = true}).save("model.svg")`. A model within it is one
/// box. RuntimeError before the model is built, and for a class with a call() of its own. Keras:
/// utils/model_visualization.py.
plot::Figure plot_model(const Model& model, const PlotModelOptions& options = {});

}  // namespace utils
}  // namespace banach
