#include <cli/commands.hpp>
#include <cli/errors.hpp>
#include <cli/model_source.hpp>
#include <cli/output.hpp>
#include <cli/picture.hpp>
#include <cli/run_options.hpp>
#include <cli/samples.hpp>

#include <banach/formats/npy.hpp>
#include <banach/formats/npz.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <numeric>

namespace banach::cli {
namespace {

struct PredictCommand {
  std::string model;
  std::vector<std::string> input;
  std::string output;
  DataOptions reading;
  int top = 0;
  std::int64_t batch_size = 32;
  bool no_invert = false, json = false;
  RunOptions run;
};

constexpr const char* kFooter =
    "A picture becomes gray or coloured as the model takes it, is resized, and inverted if it is "
    "dark on white and the model takes gray ones; a note says so.\n"
    "\n"
    "Examples:\n"
    "  banach predict model.keras --input three.png --top 3\n"
    "  banach predict model.keras --input dataset:mnist[test][0:10] --top 1\n"
    "  banach predict model.keras --input data.npz --output predictions.npy\n"
    "  banach predict model.keras --input dataset:mnist[test][0] --json";

// What was predicted for which inputs.
struct Predictions {
  std::vector<std::string> inputs;  // a name each sample
  std::vector<std::string> names;   // of the outputs
  std::vector<Array> outputs;       // (samples, ...)
};

bool is_picture(const std::string& path) {
  return path.ends_with(".png") || path.ends_with(".PNG");
}

void append(Predictions& predictions, const Array& rows, std::size_t output) {
  if (predictions.outputs.size() <= output) return predictions.outputs.push_back(rows);
  Array& all = predictions.outputs[output];
  Array joined(all.shape().with(0, all.dim(0) + rows.dim(0)), all.dtype());
  auto* to = static_cast<std::byte*>(joined.mutable_raw());
  std::copy_n(static_cast<const std::byte*>(all.raw()), all.nbytes(), to);
  std::copy_n(static_cast<const std::byte*>(rows.raw()), rows.nbytes(), to + all.nbytes());
  all = joined;
}

void predict_pictures(const Model& model, const PredictCommand& command, Predictions& result) {
  for (const std::string& path : command.input) {
    if (!is_picture(path)) {
      throw UsageError(fmt::format("several inputs must all be .png files, received '{}'", path));
    }
    const Array x = read_picture(
        model, path, {.invert = !command.no_invert, .rescale = !command.reading.no_rescale});
    const std::vector<Array> outputs = model.predict_outputs(x);
    for (std::size_t i = 0; i < outputs.size(); ++i) append(result, outputs[i], i);
    result.inputs.push_back(path);
  }
}

void predict_data(const Model& model, const PredictCommand& command, Predictions& result) {
  const std::string& data = command.input.front();
  const Samples samples = read_samples(model, data, command.reading, Part::test, false);
  result.outputs = model.predict_outputs(samples.x, {.batch_size = command.batch_size});
  for (std::int64_t i = 0; i < samples.size(); ++i) {
    result.inputs.push_back(std::to_string(parse_data_spec(data).first + i));
  }
}

Predictions predict(const Model& model, const PredictCommand& command) {
  Predictions result{.names = model.output_names()};
  if (command.input.size() > 1 || is_picture(command.input.front())) {
    predict_pictures(model, command, result);
  } else {
    predict_data(model, command, result);
  }
  return result;
}

std::vector<std::int64_t> largest(const Array& row, int count) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(row.size()));
  std::iota(order.begin(), order.end(), 0);
  count = std::min(count, static_cast<int>(order.size()));
  std::ranges::partial_sort(order, order.begin() + count, std::greater(),
                            [&](std::int64_t i) { return row.flat(i); });
  order.resize(static_cast<std::size_t>(count));
  return order;
}

std::string row_text(const Array& row, int top) {
  std::vector<std::string> parts;
  if (top > 0) {
    for (const std::int64_t i : largest(row, top)) {
      parts.push_back(fmt::format("{} ({:.4f})", i, row.flat(i)));
    }
  } else {
    for (std::int64_t i = 0; i < row.size(); ++i) {
      parts.push_back(fmt::format("{:.6g}", row.flat(i)));
    }
  }
  return fmt::format("{}", fmt::join(parts, top > 0 ? ", " : " "));
}

Json row_json(const Array& row, int top) {
  Json::List list;
  if (top > 0) {
    for (const std::int64_t i : largest(row, top)) {
      list.push_back(Json::dict({{"class", i}, {"value", finite(row.flat(i))}}));
    }
  } else {
    for (std::int64_t i = 0; i < row.size(); ++i) list.push_back(finite(row.flat(i)));
  }
  return list;
}

std::string text_of(const Predictions& predictions, int top) {
  std::string text;
  for (std::size_t sample = 0; sample < predictions.inputs.size(); ++sample) {
    for (std::size_t i = 0; i < predictions.outputs.size(); ++i) {
      const std::string name = predictions.names.size() > 1 ? " " + predictions.names[i] : "";
      text += fmt::format("{}{}: {}\n", predictions.inputs[sample], name,
                          row_text(predictions.outputs[i][static_cast<std::int64_t>(sample)], top));
    }
  }
  return text;
}

Json json_of(const Predictions& predictions, int top) {
  Json::List list;
  for (std::size_t sample = 0; sample < predictions.inputs.size(); ++sample) {
    Json item = Json::dict({{"input", predictions.inputs[sample]}});
    for (std::size_t i = 0; i < predictions.outputs.size(); ++i) {
      item[predictions.names[i]] =
          row_json(predictions.outputs[i][static_cast<std::int64_t>(sample)], top);
    }
    list.push_back(std::move(item));
  }
  return Json::dict({{"predictions", std::move(list)}});
}

void save(const Predictions& predictions, const std::string& path) {
  if (path.ends_with(".npy")) {
    if (predictions.outputs.size() > 1) {
      throw UsageError("a model of several outputs needs an --output that ends in .npz");
    }
    return formats::write_file_atomic(path, formats::write_npy(predictions.outputs.front()));
  }
  std::map<std::string, Array> arrays;
  for (std::size_t i = 0; i < predictions.outputs.size(); ++i) {
    arrays[predictions.names[i]] = predictions.outputs[i];
  }
  formats::save_npz(path, arrays);
}

void run(const PredictCommand& command) {
  const Output output(command.json);
  if (!command.output.empty()) check_suffix(command.output, "--output", {".npy", ".npz"});
  const DeviceScope device = apply(command.run);
  const auto model = read_trained_model(command.model);
  const Predictions predictions = predict(*model, command);
  if (!command.output.empty()) save(predictions, command.output);
  if (command.json) return output.print(json_of(predictions, command.top));
  if (command.output.empty() || command.top > 0) return print(text_of(predictions, command.top));
  print(fmt::format("{}: {} predictions, {}\n", command.output, predictions.inputs.size(),
                    predictions.outputs.front().str()));
}

}  // namespace

void add_predict(Command app) {
  const auto command = std::make_shared<PredictCommand>();
  const Command predict = app.add_command("predict", "Ask a model");
  predict.add_option("MODEL", command->model, kTrainedModelHelp).required();
  predict
      .add_option("--input", command->input,
                  "What to ask about: .png pictures, or data: .npy, .npz, .csv, "
                  "dataset:mnist[test][0:10]")
      .required();
  predict.add_option("--output", command->output,
                     "Where the predictions go: .npy, or .npz with an array an output");
  predict.add_option("--top", command->top, "Name the K largest values by position")
      .check(check_positive);
  add_data_options(predict, command->reading);
  predict.add_flag("--no-invert", command->no_invert, "Leave pictures on white as they are");
  predict.add_option("--batch-size", command->batch_size, "Samples a step")
      .check(check_positive)
      .show_default();
  add_run_options(predict, command->run);
  predict.add_flag("--json", command->json, "One JSON object on stdout");
  predict.footer(kFooter);
  predict.callback([command] { run(*command); });
}

}  // namespace banach::cli
