#pragma once

#include <banach/layers/layer.hpp>
#include <banach/models/arrays.hpp>
#include <banach/models/callback.hpp>
#include <banach/models/compile_options.hpp>
#include <banach/models/history.hpp>
#include <banach/models/progress_style.hpp>
#include <banach/models/summary.hpp>
#include <banach/models/training_state.hpp>

#include <concepts>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace banach {

class FunctionalGraph;
class Program;
struct Profile;

struct FitOptions {
  std::int64_t batch_size = 32;
  std::int64_t epochs = 1;
  int verbose = 1;  ///< 0 silent, 1 progress bar, 2 one line an epoch
  Callbacks callbacks = {};
  double validation_split = 0;  ///< this last part of the data validates, cut before shuffling
  std::optional<std::pair<Arrays, Arrays>> validation_data = {};  ///< wins over validation_split
  bool shuffle = true;
  std::map<std::int64_t, double> class_weight = {};  ///< class number -> weight of its samples
  std::optional<Arrays> sample_weight = {};          ///< (samples,), for all outputs or for each
  std::int64_t initial_epoch = 0;  ///< where the last fit ended: goes on as it would have
  std::optional<std::int64_t> validation_batch_size = {};
  std::int64_t validation_freq = 1;
  ProgressStyle progress = ProgressStyle::tf2;
};

struct EvaluateOptions {
  std::int64_t batch_size = 32;
  int verbose = 1;
  std::optional<Arrays> sample_weight = {};
  Callbacks callbacks = {};
  ProgressStyle progress = ProgressStyle::tf2;
};

struct TrainOnBatchOptions {
  std::optional<Arrays> sample_weight = {};
  std::map<std::int64_t, double> class_weight = {};
};

struct TestOnBatchOptions {
  std::optional<Arrays> sample_weight = {};
};

struct PredictOptions {
  std::int64_t batch_size = 32;
};

struct SummaryOptions {
  int line_length = 0;  ///< 0: Keras' own for a terminal of 80 columns
  SummaryStyle style = SummaryStyle::tf2;
  /// One more column: mean and variance of each layer's output in training that the theory of
  /// self-normalizing networks expects for inputs of mean 0 and variance 1, from the weights as
  /// they are. "?" where it says nothing.
  bool expand_snn = false;
};

struct ModelOptions {
  bool trainable = true;
  std::string name = {};
  std::optional<DTypePolicy> dtype = {};
  std::optional<Shape> input_shape = {};
};

/// One tensor of a functional model, or several.
class TensorList {
 public:
  TensorList(const Tensor& tensor) : tensors_{tensor} {}
  TensorList(Tensors tensors) : tensors_(std::move(tensors)) {}
  TensorList(std::initializer_list<Tensor> tensors) : tensors_(tensors) {}
  const Tensors& get() const { return tensors_; }

 private:
  Tensors tensors_;
};

/// A network that can be compiled, trained, evaluated and asked. A handle, and a layer: it can be
/// part of another model. predict() may be called from many threads at once; everything else is
/// for one thread at a time. With several outputs, losses and metrics are given by output, and y is
/// as many arrays.
class Model : public Layer {
 public:
  /// A functional model: what the outputs are, following from the inputs. An input may be any
  /// tensor of another functional model; layers are shared with it. Keras: models/functional.py.
  Model(const TensorList& inputs, const TensorList& outputs, const ModelOptions& options = {});
  /// For classes that say in call() what they compute.
  explicit Model(const CommonOptions& options = {});
  Model(const Model&) = default;
  Model& operator=(const Model&) = default;
  /// A copy of a derived class's part would have no layers: keep references or pointers to it.
  template <class Derived>
  requires(std::derived_from<Derived, Model> && !std::same_as<Derived, Model>) Model(const Derived&)
  = delete;

  std::string class_name() const override { return "Functional"; }
  bool is_built() const override;  ///< its inputs' shapes are known
  std::shared_ptr<Layer> clone() const override { return std::make_shared<Model>(*this); }
  Tensors call_many(const Tensors& inputs, const CallContext& context) override;
  Json get_config() const override;
  void set_config(const Json& config) override;

  /// Names of losses and metrics were checked when the options were made; nothing is built yet.
  void compile(const CompileOptions& options);
  bool is_compiled() const;
  const CompileOptions& compile_options() const;  ///< RuntimeError before compile()
  /// What it trains with: that of compile_options(), with mixed_float16 in a LossScaleOptimizer.
  Optimizer optimizer() const;

  /// Trains for epochs of batches and gives what was measured. x (samples, ...), y (samples, ...).
  History fit(const Arrays& x, const Arrays& y, const FitOptions& options = {});
  /// The loss, with several outputs the loss of each, then each output's metrics, over all samples.
  std::vector<double> evaluate(const Arrays& x, const Arrays& y,
                               const EvaluateOptions& options = {});
  /// The output (samples, ...), without dropout; InvalidArgument when there are several.
  Array predict(const Arrays& x, const PredictOptions& options = {}) const;
  /// All of them.
  std::vector<Array> predict_outputs(const Arrays& x, const PredictOptions& options = {}) const;
  /// One step on one batch; loss and metrics of that batch alone.
  std::vector<double> train_on_batch(const Arrays& x, const Arrays& y,
                                     const TrainOnBatchOptions& options = {});
  /// The same without a step.
  std::vector<double> test_on_batch(const Arrays& x, const Arrays& y,
                                    const TestOnBatchOptions& options = {});

  /// saving::save_model (io/saving.hpp).
  void save(const std::string& path) const;
  /// The weights alone: .weights.h5 (Keras 3, with the optimizer's state), .npz or .safetensors, by
  /// layer and weight name.
  void save_weights(const std::string& path) const;
  /// Also a .h5 of weights in TensorFlow 2's layout. Corruption names file, weight and both shapes
  /// where they do not fit.
  void load_weights(const std::string& path);

  /// Where the time of a step goes (runtime/profile.hpp): of a training step once the model is
  /// compiled, else of inference. Measured on random inputs; weights, optimizer and metrics stay as
  /// they are. RuntimeError before the model is built.
  Profile profile(std::int64_t batch_size = 32, int steps = 11);

  /// "loss", then the metrics as compiled: the order of evaluate()'s result.
  std::vector<std::string> metrics_names() const;

  /// Prints to stdout; the text alone from summary_text.
  void summary(const SummaryOptions& options = {}) const;
  std::string summary_text(const SummaryOptions& options = {}) const;

  virtual std::vector<std::shared_ptr<Layer>> layers() const;
  std::shared_ptr<Layer> get_layer(const std::string& name) const;  ///< NotFound, with the nearest
  std::shared_ptr<Layer> get_layer(int index) const;

  /// The calls from inputs to outputs; null before the model is built, and for a class with a
  /// call() of its own.
  virtual std::shared_ptr<const FunctionalGraph> graph() const { return graph_; }
  /// The tensors that it begins and ends with, for a functional model around it; RuntimeError
  /// without a graph().
  const Tensors& inputs() const;
  const Tensors& outputs() const;
  /// What a layer of it gives, in its first call here; NotFound.
  Tensor layer_output(const std::string& layer_name) const;

  /// The layers' names at the inputs and outputs: keys for arrays, losses and metrics.
  std::vector<std::string> input_names() const;
  std::vector<std::string> output_names() const;
  /// Shapes of one batch with None for its size; empty without a graph().
  std::vector<Shape> input_shapes() const;
  std::vector<Shape> output_shapes() const;

  /// Ends the fit() that runs after its current batch; for callbacks, other threads and signal
  /// handlers. Before fit() has begun its first epoch it does nothing.
  void stop_training();

  /// The training it is in: how many epochs are done, for fit's initial_epoch.
  TrainingState& training_state() const;

  struct Runtime;
  /// What compiling and running keep: programs, metric state, the step number (models/runtime.hpp).
  Runtime& runtime() const { return *runtime_; }

  std::vector<Layer*> sublayers() override;
  using Layer::sublayers;

 private:
  std::shared_ptr<const FunctionalGraph> graph_;
  std::shared_ptr<Runtime> runtime_;
};

}  // namespace banach
