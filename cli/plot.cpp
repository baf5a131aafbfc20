#include <cli/commands.hpp>
#include <cli/errors.hpp>
#include <cli/model_source.hpp>
#include <cli/output.hpp>
#include <cli/samples.hpp>

#include <banach/core/suggest.hpp>
#include <banach/formats/csv.hpp>
#include <banach/io/plot_model.hpp>
#include <banach/layers/activation.hpp>
#include <banach/plot/plot_activation.hpp>
#include <banach/plot/plot_activations.hpp>
#include <banach/plot/plot_fixed_point.hpp>
#include <banach/plot/plot_history.hpp>
#include <banach/plot/plot_images.hpp>
#include <banach/snn/mean_variance_map.hpp>

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>

namespace banach::cli {
namespace {

constexpr const char* kFooter =
    "The suffix of --output says what is written: .svg, .png, or .csv for the numbers alone. "
    "Pictures need gnuplot: apt-get install gnuplot-nox.\n"
    "\n"
    "Examples:\n"
    "  banach plot activation relu selu\n"
    "  banach plot history log.csv --output history.png\n"
    "  banach plot model model.keras\n"
    "  banach plot images dataset:mnist[test][0:9] --model model.keras\n"
    "  banach plot activations model.keras --data dataset:mnist --output activations.svg\n"
    "  banach plot fixed-point --tau 1.1 --output fixed_point.svg";

constexpr std::int64_t kMostImages = 10;
constexpr std::int64_t kMostSamples = 256;

struct PlotCommand {
  std::string output, title, model, data, history;
  std::vector<std::string> names;
  DataOptions reading;
  std::array<double, 2> range = {-4, 4}, mean = {-1, 1}, variance = {0, 2.5};
  snn::WeightSums weights;
  int columns = 5, layers = 20;
};

// A function of numbers; softmax is none.
Curve curve(const std::string& name) {
  if (name == "softmax") {
    throw UsageError("softmax is no function of one number, so it has no curve");
  }
  layers::Activation layer{ActivationFunction(name)};
  return {name, [layer](const Array& x) mutable { return layer(x); }};
}

plot::Figure draw_activation(const PlotCommand& command) {
  std::vector<Curve> curves;
  for (const std::string& name : command.names) curves.push_back(curve(name));
  return utils::plot_activation(
      curves, {.from = command.range[0], .to = command.range[1], .title = command.title});
}

// What callbacks::CSVLogger wrote: a column for each name, and "NA" where there was none.
plot::Figure draw_history(const PlotCommand& command) {
  const formats::CsvTable table = formats::load_csv(command.history);
  std::map<std::string, std::vector<double>> history;
  for (const formats::CsvColumn& column : table.columns) {
    if (column.is_numeric && column.name != "epoch") history[column.name] = column.numbers;
  }
  return utils::plot_history(history, {.title = command.title});
}

plot::Figure draw_model(const PlotCommand& command) {
  return utils::plot_model(
      *read_model(command.model).model,
      {.show_shapes = true, .show_layer_names = true, .show_layer_activations = true});
}

// "7 (98 %)", and where the model is wrong ", is 9".
std::vector<std::string> predictions(const Model& model, const Array& x, const Array& y,
                                     const std::vector<std::string>& names) {
  const Array p = model.predict(fit_input(model, 0, x));
  const Array best = argmax(p);
  std::vector<std::string> titles;
  for (std::int64_t i = 0; i < x.dim(0); ++i) {
    const auto label = static_cast<std::int64_t>(best.flat(i));
    titles.push_back(
        fmt::format("{} ({:.0f} %)", class_label(names, label), 100 * p.at({i, label})));
    if (y.size() != x.dim(0)) continue;
    const auto truth = static_cast<std::int64_t>(y.flat(i));
    if (truth != label) titles.back() += ", is " + class_label(names, truth);
  }
  return titles;
}

std::vector<std::string> labels(const Array& y, const std::vector<std::string>& names) {
  std::vector<std::string> titles;
  for (std::int64_t i = 0; i < y.size(); ++i) {
    titles.push_back(class_label(names, static_cast<std::int64_t>(y.flat(i))));
  }
  return titles;
}

// The samples that the spec names, of the test part unless it says another; the first few when it
// says none.
Array samples_of(const DataSource& source, const DataSpec& spec, const std::string& letter) {
  const auto found = source.arrays.find(letter + part_suffix(source, spec, Part::test));
  if (found == source.arrays.end()) return Array();
  const Array& array = found->second;
  const std::int64_t last = spec.last.value_or(spec.first + kMostImages);
  return array.slice(std::min(spec.first, array.dim(0)), std::min(last, array.dim(0)));
}

plot::Figure draw_images(const PlotCommand& command) {
  const DataSpec spec = parse_data_spec(command.data);
  const DataSource source = read_source(spec, {});
  const Array x = samples_of(source, spec, "x"), y = samples_of(source, spec, "y");
  const std::vector<std::string> titles =
      command.model.empty()
          ? labels(y, source.class_names)
          : predictions(*read_trained_model(command.model), x, y, source.class_names);
  return utils::plot_images(x, titles, {.columns = command.columns, .title = command.title});
}

// Layers that give the values that they got.
bool passes_on(const Layer& layer) {
  constexpr const char* kClasses[] = {"InputLayer", "Flatten",      "Reshape", "Permute",
                                      "Dropout",    "AlphaDropout", "Identity"};
  return std::ranges::find(kClasses, layer.class_name()) != std::end(kClasses);
}

plot::Figure draw_activations(const PlotCommand& command) {
  const auto model = read_model(command.model).model;
  const Samples samples = read_samples(*model, command.data, command.reading, Part::test, false);
  std::vector<Array> x = samples.x;
  if (!parse_data_spec(command.data).last) {
    for (Array& input : x) input = input.slice(0, std::min(input.dim(0), kMostSamples));
  }
  std::vector<std::pair<std::string, Array>> activations;
  Tensors outputs;
  for (std::size_t i = 0; i < x.size(); ++i)
    activations.emplace_back(model->input_names()[i], x[i]);
  for (const auto& layer : model->layers()) {
    if (passes_on(*layer)) continue;
    outputs.push_back(model->layer_output(layer->name()));
    activations.emplace_back(layer->name(), Array());
  }
  const std::vector<Array> values = Model(model->inputs(), outputs).predict_outputs(x);
  for (std::size_t i = 0; i < values.size(); ++i) activations[x.size() + i].second = values[i];
  return utils::plot_activations(activations, {.title = command.title});
}

plot::Figure draw_fixed_point(const PlotCommand& command) {
  const auto map = [&](const snn::Moments& moments) {
    return snn::mean_variance_map(moments, command.weights);
  };
  return utils::plot_fixed_point(map, {.mean = {command.mean[0], command.mean[1]},
                                       .variance = {command.variance[0], command.variance[1]},
                                       .layers = command.layers,
                                       .title = command.title});
}

using Draw = plot::Figure (*)(const PlotCommand&);

// A subcommand with what all of them have.
Command add_kind(Command plot, const std::shared_ptr<PlotCommand>& command, const char* name,
                 const char* about, Draw draw, const std::string& file) {
  const Command kind = plot.add_command(name, about);
  kind.add_option("--output", command->output, "Where it goes; " + file + " without it");
  kind.add_option("--title", command->title, "Above the picture");
  kind.callback([command, draw, file] {
    const std::string path = command->output.empty() ? file : command->output;
    check_suffix(path, "--output", {".svg", ".png", ".csv"});
    draw(*command).save(path);
    print(path + "\n");
  });
  return kind;
}

}  // namespace

void add_plot(Command app) {
  const Command plot = app.add_command("plot", "Draw functions, models, trainings and data");
  plot.require_command();
  plot.footer(kFooter);
  const auto command = std::make_shared<PlotCommand>();

  const Command activation = add_kind(plot, command, "activation", "Curves of activation functions",
                                      draw_activation, "activation.svg");
  activation.add_option("NAMES", command->names, "Such as relu, selu, tanh").required();
  activation.add_option("--range", command->range, "From where to where: -4 4");

  const Command history = add_kind(plot, command, "history", "Loss and metrics of a training",
                                   draw_history, "history.svg");
  history.add_option("LOG", command->history, "What banach train --csv wrote").required();

  const Command model =
      add_kind(plot, command, "model", "Layers as boxes and arrows", draw_model, "model.svg");
  model.add_option("MODEL", command->model, kModelHelp).required();

  const Command images = add_kind(plot, command, "images",
                                  "Pictures of data, with classes or predictions; ten of them when "
                                  "DATA names no samples",
                                  draw_images, "images.png");
  images.add_option("DATA", command->data, kDataHelp).required();
  images.add_option("--model", command->model, "Whose predictions to show");
  images.add_option("--columns", command->columns, "Pictures in a row")
      .check(check_positive)
      .show_default();

  const Command activations =
      add_kind(plot, command, "activations",
               "How values are distributed, layer by layer, for 256 samples "
               "when DATA names none",
               draw_activations, "activations.svg");
  activations.add_option("MODEL", command->model, kModelHelp).required();
  activations.add_option("--data", command->data, kDataHelp).required();
  add_data_options(activations, command->reading);

  const Command fixed_point =
      add_kind(plot, command, "fixed-point", "What SELU layers do to mean and variance",
               draw_fixed_point, "fixed_point.svg");
  fixed_point.add_option("--omega", command->weights.omega, "Sum of a unit's weights: 0");
  fixed_point.add_option("--tau", command->weights.tau, "Sum of their squares: 1");
  fixed_point.add_option("--mean", command->mean, "From where to where: -1 1");
  fixed_point.add_option("--variance", command->variance, "From where to where: 0 2.5");
  fixed_point.add_option("--layers", command->layers, "Steps of each trajectory")
      .check(check_positive)
      .show_default();
}

}  // namespace banach::cli
