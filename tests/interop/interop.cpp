// What scripts/check_keras has banach do with files of real Keras, and Keras with ours: see
// README.md here for the commands.
#include <banach/banach.hpp>
#include <banach/formats/json.hpp>
#include <banach/formats/npz.hpp>
#include <banach/io/weight_paths.hpp>
#include <banach/onnx/export.hpp>
#include <tests/interop/nets.hpp>

#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

using namespace banach;

namespace {

using Words = std::vector<std::string>;

constexpr std::int64_t kBatch = 16;

std::vector<Array> arrays(const std::string& path, char letter) {
  const auto all = formats::load_npz(path);
  std::vector<Array> result;
  for (int i = 0; all.contains(letter + std::to_string(i)); ++i) {
    result.push_back(all.at(letter + std::to_string(i)));
  }
  return result;
}

void write_text(const std::string& path, const Json& json) {
  formats::write_file_atomic(path, formats::as_bytes(formats::format_json(json)));
}

void predict(const Words& words) {
  const auto model = saving::load_model(words.at(0));
  std::map<std::string, Array> outputs;
  for (const Array& y : model->predict_outputs(arrays(words.at(1), 'x'))) {
    outputs["y" + std::to_string(outputs.size())] = y;
  }
  formats::save_npz(words.at(2), outputs);
}

void train(const Words& words) {
  const auto model = saving::load_model(words.at(0));
  const History history = model->fit(
      arrays(words.at(2), 'x'), arrays(words.at(2), 'y'),
      {.batch_size = kBatch, .epochs = std::stoi(words.at(1)), .verbose = 0, .shuffle = false});
  model->save(words.at(3));
  Json json = Json::dict();
  for (const auto& [name, values] : history.history) json[name] = to_json(values);
  write_text(words.at(4), json);
}

void evaluate(const Words& words) {
  const auto model = saving::load_model(words.at(0));
  const std::vector<double> score = model->evaluate(
      arrays(words.at(1), 'x'), arrays(words.at(1), 'y'), {.batch_size = kBatch, .verbose = 0});
  Json json = Json::dict();
  for (std::size_t i = 0; i < score.size(); ++i) json[model->metrics_names()[i]] = score[i];
  write_text(words.at(2), json);
}

void convert(const Words& words) { saving::load_model(words.at(0))->save(words.at(1)); }

void export_onnx(const Words& words) {
  onnx::export_model(*saving::load_model(words.at(0)), words.at(1));
}

void build(const Words& words) { interop::make_trained_net(words.at(0))->save(words.at(1)); }

// Keeps what a fit with TensorBoard must have logged.
struct Witness final : Callback {
  void on_train_batch_end(std::int64_t, const Logs& logs) override {
    Json json = Json::dict();
    for (const auto& [name, value] : logs) json[name] = value;
    batches.push_back(std::move(json));
  }
  void on_epoch_end(std::int64_t epoch, Logs&) override {
    iterations.push_back(model().optimizer().iterations());
    rates.push_back(model().optimizer().learning_rate());
    for (const auto& [name, weight] : named_weights(model())) {
      weights[fmt::format("epoch{}/{}", epoch, name)] = weight.value();
    }
  }

  Json::List batches;
  std::vector<std::int64_t> iterations;
  std::vector<double> rates;
  std::map<std::string, Array> weights;
};

void log(const Words& words) {
  const auto model = saving::load_model(words.at(0));
  const std::vector<Array> x = arrays(words.at(2), 'x'), y = arrays(words.at(2), 'y');
  const auto witness = std::make_shared<Witness>();
  const History history =
      model->fit(x, y,
                 {.batch_size = kBatch,
                  .epochs = std::stoi(words.at(1)),
                  .verbose = 0,
                  .callbacks = {callbacks::TensorBoard(words.at(3), {.histogram_freq = 2,
                                                                     .write_steps_per_second = true,
                                                                     .update_freq = "batch"}),
                                witness},
                  .validation_data = {{x, y}},
                  .shuffle = false});
  Json names = Json::list(), logs = Json::dict();
  for (const auto& [name, weight] : named_weights(*model)) names.push_back(name);
  for (const auto& [name, values] : history.history) logs[name] = to_json(values);
  write_text(words.at(4), Json::dict({{"history", logs},
                                      {"batches", witness->batches},
                                      {"iterations", to_json(witness->iterations)},
                                      {"learning_rate", to_json(witness->rates)},
                                      {"weights", names}}));
  formats::save_npz(words.at(5), witness->weights);
}

struct Command {
  const char* name;
  std::size_t num_words;
  void (*run)(const Words& words);
};

constexpr Command kCommands[] = {
    {"predict", 3, predict}, {"train", 5, train},      {"evaluate", 3, evaluate},
    {"convert", 2, convert}, {"onnx", 2, export_onnx}, {"build", 2, build},
    {"log", 6, log}};

void run(const Words& words) {
  for (const Command& command : kCommands) {
    if (words.empty() || words[0] != command.name) continue;
    if (words.size() != command.num_words + 1) {
      throw InvalidArgument(fmt::format("{}: expected {} words", words[0], command.num_words));
    }
    return command.run(Words(words.begin() + 1, words.end()));
  }
  throw InvalidArgument("unknown command");
}

// Each line of a file is a command; a failing one is reported and the others still run.
int run_batch(const std::string& path) {
  std::ifstream file(path);
  int failures = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream stream(line);
    const Words words{std::istream_iterator<std::string>(stream), {}};
    if (words.empty()) continue;
    try {
      run(words);
    } catch (const std::exception& error) {
      fmt::print("FAILED {}: {}\n", line, error.what());
      ++failures;
    }
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const Words words(argv + 1, argv + argc);
  if (words.size() == 2 && words[0] == "batch") return run_batch(words[1]);
  if (words == Words{"build", "--list"}) {
    for (const std::string& name : interop::net_names()) fmt::print("{}\n", name);
    return 0;
  }
  try {
    run(words);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
