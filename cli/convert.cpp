#include <cli/commands.hpp>
#include <cli/errors.hpp>
#include <cli/model_source.hpp>
#include <cli/onnx/onnx.hpp>
#include <cli/output.hpp>

#include <banach/core/memory.hpp>
#include <banach/formats/file.hpp>
#include <banach/formats/json.hpp>
#include <banach/io/model_parts.hpp>
#include <banach/io/saving.hpp>

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <memory>

namespace banach::cli {
namespace {

struct ConvertOptions {
  std::string source, destination;
  bool no_optimizer = false;
};

constexpr const char* kFooter =
    "SRC is a whole model. DST says by its suffix what is written:\n"
    "  .keras, .h5                          the model, with compile() and the optimizer's state\n"
    "  .weights.h5, .npz, .safetensors      the weights, in .weights.h5 with the optimizer's "
    "state\n"
    "  .onnx                                what predict() computes\n"
    "  .json                                the architecture, as Keras writes it\n"
    "Examples:\n"
    "  banach convert model.keras model.h5              for TensorFlow 2\n"
    "  banach convert model.h5 again.keras --no-optimizer\n"
    "  banach convert model.keras weights.safetensors\n"
    "  banach convert mnist-selu architecture.json      of a built-in model";

void write_whole(Model& model, const ConvertOptions& options) {
  saving::save_model(model, options.destination, {.include_optimizer = !options.no_optimizer});
}
void write_weights(Model& model, const ConvertOptions& options) {
  model.save_weights(options.destination);
}
void write_onnx(Model& model, const ConvertOptions& options) {
  export_onnx(model, options.destination);
}
void write_architecture(Model& model, const ConvertOptions& options) {
  const std::string text = formats::format_json(model_json(model, !options.no_optimizer), 2) + "\n";
  formats::write_file_atomic(options.destination, formats::as_bytes(text));
}

struct Destination {
  const char* suffix;
  const char* what;
  void (*write)(Model& model, const ConvertOptions& options);
};

constexpr Destination kDestinations[] = {
    {".keras", "the model", write_whole},   {".h5", "the model", write_whole},
    {".hdf5", "the model", write_whole},    {".weights.h5", "the weights", write_weights},
    {".npz", "the weights", write_weights}, {".safetensors", "the weights", write_weights},
    {".onnx", "the model", write_onnx},     {".json", "the architecture", write_architecture}};

const Destination& find_destination(const std::string& path) {
  const auto* row = std::ranges::find(kDestinations, suffix_of(path), &Destination::suffix);
  if (row != std::end(kDestinations)) return *row;
  throw UsageError(fmt::format(
      "DST '{}': expected a path that ends in .keras or .h5 (the model), .weights.h5, .npz or "
      ".safetensors (its weights), .onnx, or .json (its architecture)",
      path));
}

void check_source(const ConvertOptions& options) {
  const std::string suffix = suffix_of(options.source);
  if (suffix == ".weights.h5" || suffix == ".npz" || suffix == ".safetensors") {
    throw UsageError(fmt::format(
        "SRC '{}' holds weights alone: expected a whole model, .keras or .h5, from which the "
        "weights go into .weights.h5, .npz or .safetensors",
        options.source));
  }
  std::error_code ignored;
  if (std::filesystem::equivalent(options.source, options.destination, ignored)) {
    throw UsageError(fmt::format("SRC and DST are the same file, '{}'", options.source));
  }
}

// What an architecture says of compile() is kept.
std::shared_ptr<Model> read_source(const ConvertOptions& options) {
  if (is_keras_file(suffix_of(options.source))) {
    return saving::load_model(options.source, {.compile = !options.no_optimizer});
  }
  const ModelSource source = read_model(options.source);
  if (!options.no_optimizer) compile_from_json(*source.model, source.compile, options.source);
  return source.model;
}

void run(const ConvertOptions& options) {
  const Destination& destination = find_destination(options.destination);
  check_source(options);
  const std::shared_ptr<Model> model = read_source(options);
  destination.write(*model, options);
  print(fmt::format("{}: {}, {} parameters in {} arrays, {}\n", options.destination,
                    destination.what, model->count_params(), model->weights().size(),
                    bytes_text(std::filesystem::file_size(options.destination))));
}

}  // namespace

void add_convert(Command app) {
  const auto options = std::make_shared<ConvertOptions>();
  const Command convert = app.add_command("convert", "Write a model in another format");
  convert.add_option("SRC", options->source, kModelHelp).required();
  convert.add_option("DST", options->destination, "The file to write; its suffix says the format")
      .required();
  convert.add_flag("--no-optimizer", options->no_optimizer,
                   "Leave out what compile() was given and the optimizer's state");
  convert.footer(kFooter);
  convert.callback([options] { run(*options); });
}

}  // namespace banach::cli
