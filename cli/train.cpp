#include <cli/checkpoint.hpp>
#include <cli/commands.hpp>
#include <cli/compile.hpp>
#include <cli/errors.hpp>
#include <cli/interrupt.hpp>
#include <cli/output.hpp>
#include <cli/run_options.hpp>
#include <cli/training_settings.hpp>

#include <banach/core/random.hpp>
#include <banach/io/saving.hpp>
#include <banach/nn/dtype_policy.hpp>
#include <banach/train/csv_logger.hpp>
#include <banach/train/tensor_board.hpp>

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <memory>

namespace banach::cli {
namespace {

struct TrainCommand {
  std::string model;
  TrainingSettings settings;
  CompileRequest compile;
  RunOptions run;
  std::optional<std::uint64_t> seed;
  bool mixed_bfloat16 = false, mixed_float16 = false;
  std::string progress = "tf2";
  std::string csv, tensorboard, checkpoint, resume, output;
  bool json = false;
};

constexpr const char* kFooter =
    "Ctrl-C ends the training after the current step: --output then holds the weights of that "
    "moment, --checkpoint those of the last whole epoch, and the exit code is 130.\n"
    "\n"
    "Examples:\n"
    "  banach train mnist-selu --data dataset:mnist --epochs 5 --validation-split 0.2 "
    "--batch-size 250 --output selu.keras\n"
    "  banach train model.keras --data dataset:mnist --epochs 2     with its own compile()\n"
    "  banach train mnist-mlp --data dataset:mnist --epochs 2 --checkpoint run.keras\n"
    "  banach train --resume run.keras --epochs 3 --output mlp.keras\n"
    "  banach train net.json --data data.npz --optimizer sgd --learning-rate 0.01 --csv log.csv "
    "--tensorboard logs --json";

ModelSource open_checkpoint(const std::string& path) {
  ModelSource source{read_trained_model(path), true, {}};
  if (!source.model->training_state().run.is_null()) return source;
  throw UsageError(fmt::format(
      "{} is no checkpoint of a training: name it as MODEL to train on from its weights", path));
}

// "bfloat16" by its flag; empty without one.
std::string half_of(const TrainCommand& command) {
  if (command.mixed_bfloat16 && command.mixed_float16) {
    throw UsageError("--mixed-bfloat16 and --mixed-float16: give one of them");
  }
  return command.mixed_bfloat16 ? "bfloat16" : (command.mixed_float16 ? "float16" : "");
}

ModelSource open_model(const TrainCommand& command) {
  if (!command.resume.empty()) return open_checkpoint(command.resume);
  const std::string half = half_of(command);
  if (!half.empty()) config::set_dtype_policy("mixed_" + half);
  ModelSource source = read_model(command.model);
  if (source.trained && !half.empty()) {
    throw UsageError(
        fmt::format("--mixed-{} is for new models: the layers of {} have the dtypes in the file",
                    half, command.model));
  }
  return source;
}

struct Look {
  const char* name;
  int verbose;
  ProgressStyle style;
};
constexpr Look kLooks[] = {{"tf2", 1, ProgressStyle::tf2},
                           {"keras3", 1, ProgressStyle::keras3},
                           {"plain", 2, ProgressStyle::tf2},
                           {"none", 0, ProgressStyle::tf2}};

const Look& look_of(const std::string& name) {
  return *std::ranges::find(kLooks, name, [](const Look& look) { return std::string(look.name); });
}

FitOptions fit_options(const TrainCommand& command, const TrainingSettings& settings,
                       std::int64_t first_epoch) {
  const Look& look = look_of(command.progress);
  return {.batch_size = settings.batch_size.value_or(32),
          .epochs = settings.epochs.value_or(1),
          .verbose = look.verbose,
          .validation_split = settings.validation_split.value_or(0),
          .shuffle = !settings.no_shuffle.value_or(false),
          .initial_epoch = first_epoch,
          .progress = look.style};
}

Callbacks make_callbacks(const TrainCommand& command,
                         const std::shared_ptr<StopOnInterrupt>& interrupt) {
  Callbacks callbacks{interrupt};
  const bool resumes = !command.resume.empty();
  if (!command.csv.empty()) {
    callbacks.emplace_back(callbacks::CSVLogger(command.csv, {.append = resumes}));
  }
  if (!command.tensorboard.empty()) {
    callbacks.emplace_back(callbacks::TensorBoard(command.tensorboard));
  }
  const std::string& path = resumes ? command.resume : command.checkpoint;
  if (!path.empty()) callbacks.emplace_back(Checkpoint(path, interrupt));
  return callbacks;
}

Json history_json(const History& history) {
  Json result = Json::dict();
  for (const auto& [name, values] : history.history) {
    Json::List list;
    for (const double value : values) list.push_back(finite(value));
    result[name] = std::move(list);
  }
  return result;
}

void check_options(const TrainCommand& command) {
  if (command.model.empty() == command.resume.empty()) {
    throw UsageError(command.model.empty()
                         ? "train needs a MODEL, or --resume and a checkpoint"
                         : "train takes a MODEL or --resume, not both: the checkpoint holds one");
  }
  if (!command.resume.empty() && !command.checkpoint.empty()) {
    throw UsageError("--resume goes on writing its own file: leave --checkpoint out");
  }
  check_model_path(command.output, "--output", {".keras", ".h5"});
  check_model_path(command.checkpoint, "--checkpoint", {".keras"});
  check_model_path(command.resume, "--resume", {".keras"});
}

struct Training {
  History history;
  double seconds = 0;
  std::int64_t samples = 0;
  bool interrupted = false;
};

// What a checkpoint holds, with what is given anew.
TrainingSettings prepare(Model& model, const TrainCommand& command) {
  TrainingState& state = model.training_state();
  if (command.resume.empty()) state = {};
  const TrainingSettings settings = merged(command.settings, state.run);
  state.run = to_json(settings);
  if (settings.epochs.value_or(1) > state.epochs) return settings;
  throw UsageError(fmt::format("{} has done its {} epochs: give more, such as --epochs {}",
                               command.resume, state.epochs, state.epochs + 1));
}

Training train(Model& model, const TrainCommand& command) {
  const TrainingSettings settings = prepare(model, command);
  const Samples samples = read_samples(model, settings);
  const auto interrupt = std::make_shared<StopOnInterrupt>();
  FitOptions options = fit_options(command, settings, model.training_state().epochs);
  options.callbacks = make_callbacks(command, interrupt);
  const InterruptGuard guard;
  const auto begin = std::chrono::steady_clock::now();
  const History history = model.fit(samples.x, samples.y, options);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  return {history, seconds.count(), samples.size(), was_interrupted()};
}

void report(const TrainCommand& command, const Training& training, const Output& output) {
  if (!command.json) {
    if (!command.output.empty()) print(fmt::format("Saved {}\n", command.output));
    if (command.output.empty() && command.checkpoint.empty() && command.resume.empty()) {
      note("the trained model was not kept: give --output FILE.keras to keep it");
    }
    return;
  }
  output.print(Json::dict({{"model", command.resume.empty() ? command.model : command.resume},
                           {"samples", training.samples},
                           {"seconds", training.seconds},
                           {"epochs", banach::to_json(training.history.epoch)},
                           {"history", history_json(training.history)},
                           {"output", command.output.empty() ? Json() : Json(command.output)},
                           {"interrupted", training.interrupted}}));
}

void run(const TrainCommand& command) {
  const Output output(command.json);
  check_options(command);
  const DeviceScope device = apply(command.run);
  if (command.seed) utils::set_random_seed(*command.seed);
  const ModelSource source = open_model(command);
  compile_model(source, command.compile);
  const Training training = train(*source.model, command);
  if (!command.output.empty()) saving::save_model(*source.model, command.output);
  report(command, training, output);
  if (training.interrupted) throw Exit{kInterruptedCode};
}

}  // namespace

void add_train(Command app) {
  const auto command = std::make_shared<TrainCommand>();
  const Command train = app.add_command("train", "Train a model on data");
  train.add_option("MODEL", command->model, kModelHelp);
  add_training_settings(train, command->settings);
  add_compile_options(train, command->compile);
  train.add_option("--seed", command->seed, "Makes weights, masks and order repeat");
  train.add_flag("--mixed-bfloat16", command->mixed_bfloat16,
                 "Compute in bfloat16, keep weights in float32");
  train.add_flag("--mixed-float16", command->mixed_float16,
                 "The same in float16, with a loss scale that follows the gradients");
  add_run_options(train, command->run);
  train.add_option("--progress", command->progress, "tf2, keras3, plain (a line an epoch) or none")
      .check_one_of({"tf2", "keras3", "plain", "none"})
      .show_default();
  train.add_option("--csv", command->csv, "Write a line an epoch into this file");
  train.add_option("--tensorboard", command->tensorboard, "Write TensorBoard's files here");
  train.add_option("--checkpoint", command->checkpoint,
                   "Save model and training here after each epoch (.keras)");
  train.add_option("--resume", command->resume,
                   "Go on from a checkpoint, in place of MODEL; what it was trained with holds "
                   "unless it is given anew");
  train.add_option("--output", command->output, "Save the trained model here (.keras, .h5)");
  train.add_flag("--json", command->json, "One JSON object on stdout; progress goes to stderr");
  train.footer(kFooter);
  train.callback([command] { run(*command); });
}

}  // namespace banach::cli
