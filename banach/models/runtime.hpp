#pragma once

#include <banach/models/model.hpp>
#include <banach/runtime/program.hpp>

#include <atomic>
#include <mutex>

namespace banach {

enum class Mode { train, evaluate, predict };

/// What a program is built for.
struct ProgramRequest {
  Mode mode = Mode::predict;
  std::vector<Shape> x;  // of each input, with the batch
  std::vector<Shape> y;  // of each output's targets; none to predict
};

/// What is gathered for the loss of an output or for a metric, and what it is called.
struct MetricState {
  std::string name;
  std::optional<Metric> metric;  // none for a loss, whose state is {total, count}
  Variable state;                // made when it is traced first
};

/// What Model keeps behind compile().
struct Model::Runtime {
  std::optional<CompileOptions> options;
  std::optional<Optimizer> optimizer;  // that of the options, maybe with a loss scale
  Variable random_step{"random_step", Array({}, int64), false};
  bool told_of_vanishing = false;
  std::vector<MetricState> metric_states;  // loss, metrics, weighted metrics
  std::atomic<bool> stop_training = false;
  static_assert(std::atomic<bool>::is_always_lock_free);  // signal handlers set it
  TrainingState training;

  struct CachedProgram {
    std::shared_ptr<const Program> program;
    std::uint64_t last_use;
  };
  std::mutex mutex;  // guards programs
  std::map<std::string, CachedProgram> programs;
  std::uint64_t uses = 0;
};

/// What the model computes for inputs of these shapes, without dropout: plain ops, before any pass.
Tape trace_inference(Model& model, const std::vector<Shape>& x);

/// The whole compiler, top to bottom: trace, fuse, differentiate, append the update, lower, prune,
/// plan memory, prepare. The program's inputs are each x, each y, then the sample weights (batch,)
/// of each output.
std::shared_ptr<const Program> build_program(Model& model, const ProgramRequest& request);

/// build_program, remembered: 16 programs a model, up to 256 of small ones, such as those of a
/// server for each size of its batches; the least recently used goes first.
std::shared_ptr<const Program> cached_program(Model& model, const ProgramRequest& request);

/// A program whose outputs are the gradients of the loss, penalties included, by each of
/// trainable_weights(), without dropout. Its inputs are those of build_program; metrics stay as
/// they are. For a compiled model.
std::shared_ptr<const Program> build_gradient_program(Model& model, const std::vector<Shape>& x,
                                                      const std::vector<Shape>& y);

/// Builds all programs anew, and forgets what was gathered for metrics; for a model that has
/// changed. Models around it are not told.
void forget_programs(Model& model);

/// The training program that was asked for last; null when there is none.
std::shared_ptr<const Program> latest_training_program(const Model& model);

/// Sets the states of loss and metrics to nothing seen.
void reset_metrics(Model& model);
/// Their values; NaN where nothing was seen.
std::vector<std::pair<std::string, double>> metric_values(const Model& model);

}  // namespace banach
