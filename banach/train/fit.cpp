#include <banach/core/errors.hpp>
#include <banach/core/log.hpp>
#include <banach/core/random.hpp>
#include <banach/train/callback_list.hpp>
#include <banach/train/progress.hpp>
#include <banach/train/runner.hpp>

#include <cstdio>
#include <fmt/format.h>

namespace banach {
namespace {

void check_fit(const FitOptions& options) {
  check_batch_size(options.batch_size, "fit");
  check_batch_size(options.validation_batch_size.value_or(1), "fit");
  if (options.epochs < 0 || options.initial_epoch < 0 || options.validation_freq < 1) {
    throw InvalidArgument(fmt::format(
        "[fit] expected epochs >= 0, initial_epoch >= 0 and validation_freq >= 1, received {}, {} "
        "and {}",
        options.epochs, options.initial_epoch, options.validation_freq));
  }
}

// A model that learns its input's shape from the data is built with it, so that targets can be
// checked against its outputs.
void build_for(Model& model, const Arrays& given, const std::string& where) {
  if (model.is_built()) return;
  const std::vector<Array> x = given.in_order(model.input_names(), where, "x");
  check_input(model, x, where);
  std::vector<TensorSpec> specs;
  for (const Array& array : x) specs.push_back({array.shape().with(0, kUnknown), model.dtype()});
  model.compute_output_specs(specs);
}

// Runs all batches in evaluation mode over fresh means; `arena` as BatchRunner takes it.
void run_evaluation(Model& model, const Data& data, std::int64_t batch_size,
                    const CallbackList& callbacks, Progress* progress, const Buffer& arena = {}) {
  Feeder feeder(data, batch_size);
  BatchRunner runner(model, Mode::evaluate, data, feeder, arena);
  reset_metrics(model);
  callbacks.tell(&Callback::on_test_begin, Logs{});
  for (std::int64_t batch = 0; batch < feeder.num_batches(); ++batch) {
    callbacks.tell(&Callback::on_test_batch_begin, batch, Logs{});
    runner.run(batch);
    if (!callbacks.empty()) callbacks.tell(&Callback::on_test_batch_end, batch, logs_of(model));
    if (progress != nullptr) progress->update(batch + 1);
  }
  if (!callbacks.empty()) callbacks.tell(&Callback::on_test_end, logs_of(model));
}

// Loss and metrics, in the order of metrics_names().
std::vector<double> values_of(const Model& model) {
  std::vector<double> values;
  for (const auto& [name, value] : metric_values(model)) values.push_back(value);
  return values;
}

// So that callbacks and files find what is trained now, whatever program runs.
void build_optimizer(Model& model) {
  const std::vector<Variable> trained = model.trainable_weights();
  if (!trained.empty()) model.optimizer().build(trained);
}

// One batch, over fresh means.
std::vector<double> run_on_batch(Model& model, Mode mode, const Arrays& x, const Arrays& y,
                                 const TrainOnBatchOptions& options, const std::string& where) {
  model.compile_options();
  build_for(model, x, where);
  Data data = make_data(model, x, y, options.sample_weight, where);
  check_data(model, data, where);
  if (!options.class_weight.empty()) weight_classes(data, options.class_weight, where);
  if (mode == Mode::train) build_optimizer(model);
  Feeder feeder(data, data.size());
  reset_metrics(model);
  BatchRunner(model, mode, data, feeder).run(0);
  return values_of(model);
}

// One fit: the epochs, their batches and what is told to whom.
class Training {
 public:
  Training(Model& model, const TrainingData& data, const FitOptions& options)
      : model_(model),
        data_(data),
        options_(options),
        feeder_(data.train, options.batch_size),
        runner_(model, Mode::train, data.train, feeder_),
        training_(model.training_state()),
        history_{.params = {options.verbose, options.epochs, feeder_.num_batches()}},
        callbacks_(model, options.callbacks, history_.params) {}

  History run() {
    model_.runtime().stop_training = false;
    begin_or_go_on();
    build_optimizer(model_);
    warn_of_nothing_to_train();
    callbacks_.tell(&Callback::on_train_begin, Logs{});
    Logs logs;
    for (std::int64_t epoch = options_.initial_epoch;
         epoch < options_.epochs && !model_.runtime().stop_training; ++epoch) {
      logs = run_epoch(epoch);
    }
    model_.optimizer().finalize_variable_values();
    callbacks_.tell(&Callback::on_train_end, logs);
    return history_;
  }

 private:
  void begin_or_go_on() {
    const bool goes_on = training_.shuffle_seed && training_.epochs == options_.initial_epoch;
    if (!goes_on) training_.shuffle_seed = draw_seed();
    training_.epochs = options_.initial_epoch;
  }

  void warn_of_nothing_to_train() const {
    if (!model_.trainable_weights().empty()) return;
    warn(fmt::format("[fit] {} has no weights to train", model_.name()));
  }

  Logs run_epoch(std::int64_t epoch) {
    if (options_.shuffle) {
      feeder_.set_order(RandomGenerator(*training_.shuffle_seed, static_cast<std::uint64_t>(epoch))
                            .permutation(data_.train.size()));
    }
    reset_metrics(model_);
    callbacks_.tell(&Callback::on_epoch_begin, epoch, Logs{});
    if (options_.verbose > 0) print(epoch_header(epoch, options_.epochs));
    Progress progress(model_, feeder_.num_batches(), options_.verbose, options_.progress);
    run_batches(progress);
    Logs logs = logs_of(model_);
    progress.hold();
    validate(epoch, logs, progress);
    training_.epochs = epoch + 1;
    callbacks_.tell(&Callback::on_epoch_end, epoch, logs);
    record(epoch, logs);
    progress.finish(callbacks_.shown(logs));
    return logs;
  }

  void run_batches(Progress& progress) {
    for (std::int64_t batch = 0; batch < feeder_.num_batches(); ++batch) {
      callbacks_.tell(&Callback::on_train_batch_begin, batch, Logs{});
      runner_.run(batch);
      if (!callbacks_.empty()) {
        callbacks_.tell(&Callback::on_train_batch_end, batch, logs_of(model_));
      }
      if (options_.verbose == 1) progress.update(batch + 1);
      if (model_.runtime().stop_training) break;
    }
  }

  void validate(std::int64_t epoch, Logs& logs, Progress& progress) {
    if (!data_.validation || (epoch + 1) % options_.validation_freq != 0) return;
    run_evaluation(model_, *data_.validation,
                   options_.validation_batch_size.value_or(options_.batch_size), callbacks_,
                   nullptr, runner_.arena());
    for (const auto& [name, value] : metric_values(model_)) logs["val_" + name] = value;
    progress.hold("val_");
  }

  void record(std::int64_t epoch, const Logs& logs) {
    history_.epoch.push_back(epoch);
    for (const auto& [name, value] : logs) history_.history[name].push_back(value);
  }

  static void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }

  Model& model_;
  const TrainingData& data_;
  const FitOptions& options_;
  Feeder feeder_;
  BatchRunner runner_;
  TrainingState& training_;
  History history_;
  CallbackList callbacks_;
};

}  // namespace

History Model::fit(const Arrays& x, const Arrays& y, const FitOptions& options) {
  compile_options();  // first of all: is it compiled?
  check_fit(options);
  build_for(*this, x, "fit");
  const TrainingData data = prepare_data(*this, x, y, options);
  return Training(*this, data, options).run();
}

std::vector<double> Model::evaluate(const Arrays& x, const Arrays& y,
                                    const EvaluateOptions& options) {
  compile_options();
  check_batch_size(options.batch_size, "evaluate");
  build_for(*this, x, "evaluate");
  const Data data = make_data(*this, x, y, options.sample_weight, "evaluate");
  check_data(*this, data, "evaluate");
  const std::int64_t steps = Feeder(data, options.batch_size).num_batches();
  Progress progress(*this, steps, options.verbose, options.progress);
  const CallbackList callbacks(*this, options.callbacks, {options.verbose, 1, steps});
  run_evaluation(*this, data, options.batch_size, callbacks,
                 options.verbose == 1 ? &progress : nullptr);
  progress.hold();
  progress.finish();
  return values_of(*this);
}

std::vector<double> Model::train_on_batch(const Arrays& x, const Arrays& y,
                                          const TrainOnBatchOptions& options) {
  return run_on_batch(*this, Mode::train, x, y, options, "train_on_batch");
}

std::vector<double> Model::test_on_batch(const Arrays& x, const Arrays& y,
                                         const TestOnBatchOptions& options) {
  return run_on_batch(*this, Mode::evaluate, x, y, {options.sample_weight, {}}, "test_on_batch");
}

}  // namespace banach
