#pragma once

#include <banach/backend/backend.hpp>
#include <banach/layers/layer.hpp>
#include <banach/models/history.hpp>
#include <banach/models/progress_style.hpp>
#include <banach/models/summary.hpp>
#include <banach/nn/losses.hpp>
#include <banach/nn/metrics.hpp>
#include <banach/nn/optimizers.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace banach {

class Callback;
class Program;
struct Profile;

struct CompileOptions {
  Loss loss = "mean_squared_error";
  Optimizer optimizer = "adam";
  std::vector<Metric> metrics = {};
  std::vector<Metric> weighted_metrics = {};  ///< these see sample and class weights
  /// Op by op on the reference backend; stops at the first NaN and names its layer.
  bool run_eagerly = false;
};

struct FitOptions {
  std::int64_t batch_size = 32;
  std::int64_t epochs = 1;
  int verbose = 1;  ///< 0 silent, 1 progress bar, 2 one line an epoch
  std::vector<std::shared_ptr<Callback>> callbacks = {};
  double validation_split = 0;  ///< this last part of the data validates, cut before shuffling
  std::optional<std::pair<Array, Array>> validation_data = {};  ///< wins over validation_split
  bool shuffle = true;
  std::map<std::int64_t, double> class_weight = {};  ///< class number -> weight of its samples
  std::optional<Array> sample_weight = {};           ///< (samples,)
  std::int64_t initial_epoch = 0;
  std::optional<std::int64_t> validation_batch_size = {};
  std::int64_t validation_freq = 1;
  ProgressStyle progress = ProgressStyle::tf2;
};

struct EvaluateOptions {
  std::int64_t batch_size = 32;
  int verbose = 1;
  std::optional<Array> sample_weight = {};
  std::vector<std::shared_ptr<Callback>> callbacks = {};
  ProgressStyle progress = ProgressStyle::tf2;
};

struct PredictOptions {
  std::int64_t batch_size = 32;
};

struct SummaryOptions {
  int line_length = 0;  ///< 0: Keras' own for a terminal of 80 columns
  SummaryStyle style = SummaryStyle::tf2;
};

/// A network that can be compiled, trained, evaluated and asked. A handle, and a layer: it can be
/// part of another model. predict() may be called from many threads at once; everything else is
/// for one thread at a time.
class Model : public Layer {
 public:
  explicit Model(const CommonOptions& options = {});

  /// Names of losses and metrics were checked when the options were made; nothing is built yet.
  void compile(const CompileOptions& options);
  bool is_compiled() const;
  const CompileOptions& compile_options() const;  ///< RuntimeError before compile()
  Optimizer optimizer() const { return compile_options().optimizer; }

  /// Trains for epochs of batches and gives what was measured. x (samples, ...), y (samples, ...).
  History fit(const Array& x, const Array& y, const FitOptions& options = {});
  /// The loss, then each metric, over all samples.
  std::vector<double> evaluate(const Array& x, const Array& y, const EvaluateOptions& options = {});
  /// The outputs (samples, ...), without dropout.
  Array predict(const Array& x, const PredictOptions& options = {}) const;
  /// One step on one batch; loss and metrics of that batch alone.
  std::vector<double> train_on_batch(const Array& x, const Array& y);

  /// Where the time of a step goes (runtime/profile.hpp): of a training step once the model is
  /// compiled, else of inference. Measured on random inputs; weights, optimizer and metrics stay as
  /// they are. RuntimeError before the model is built.
  Profile profile(std::int64_t batch_size = 32, int steps = 11);

  /// "loss", then the metrics as compiled: the order of evaluate()'s result.
  std::vector<std::string> metrics_names() const;

  /// Prints to stdout; the text alone from summary_text.
  void summary(const SummaryOptions& options = {}) const;
  std::string summary_text(const SummaryOptions& options = {}) const;

  virtual std::vector<std::shared_ptr<Layer>> layers() const = 0;
  std::shared_ptr<Layer> get_layer(const std::string& name) const;  ///< NotFound, with the nearest
  std::shared_ptr<Layer> get_layer(int index) const;
  /// The shape of one batch with None for its size; empty before the model is built.
  virtual std::optional<Shape> model_input_shape() const = 0;

  /// What each layer gives for the model's input; empty before the model is built.
  virtual std::vector<Shape> layer_output_shapes() const = 0;

  /// Ends fit() after the current batch; for callbacks.
  void stop_training();

  struct Runtime;
  /// What compiling and running keep: programs, metric state, the step number (models/runtime.hpp).
  Runtime& runtime() const { return *runtime_; }

 protected:
  std::vector<Layer*> sublayers() const override;

 private:
  std::shared_ptr<Runtime> runtime_;
};

}  // namespace banach
