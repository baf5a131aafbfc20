#include <banach/core/errors.hpp>
#include <banach/core/log.hpp>
#include <banach/models/runtime.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/gradient.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>
#include <banach/runtime/fuse.hpp>

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <numeric>

namespace banach {
namespace {

// One loss value a sample: (batch,), the mean over any further axes.
Tensor per_sample(const Tensor& values) {
  if (values.rank() < 2) return values;
  std::vector<int> axes(static_cast<std::size_t>(values.rank() - 1));
  std::iota(axes.begin(), axes.end(), 1);
  return ops::mean(values, axes);
}

// A metric may give several values a sample; each gets its sample's weight.
Tensor weights_like(const Tensor& weights, const Tensor& values) {
  if (values.rank() < 2) return weights;
  Shape column = values.shape();
  for (int axis = 1; axis < column.rank(); ++axis) column[axis] = 1;
  return ops::broadcast_to(ops::reshape(weights, column), values.shape());
}

void accumulate(const MetricState& metric, const Tensor& values, const Tensor& weights,
                double multiplier = 1) {
  NameScope scope(metric.name);
  metric.state.assign(ops::accumulate_mean(metric.state, values, weights, multiplier));
}

// Loss and metrics of a traced forward pass; the scalar loss.
Tensor trace_loss(Model& model, Tape& tape, const Tensor& output, const Shape& y_shape) {
  const Tensor y_pred = cast(output, model.dtype());
  const CompileOptions& options = model.compile_options();
  const auto& states = model.runtime().metric_states;
  const Tensor y_true = tape.input("y", y_shape, y_pred.dtype());
  const Tensor weights = tape.input("sample_weight", {y_shape[0]}, y_pred.dtype());
  Tensor loss;
  {
    NameScope scope("loss");
    const Tensor values = per_sample(options.loss(y_true, y_pred));
    if (values.rank() == 1 && values.dim(0) != y_shape[0]) {
      throw InvalidArgument(fmt::format(
          "[loss] '{}' must give one value a sample, shape ({},), or a scalar; it gave {}",
          options.loss.name(), y_shape[0], values.shape().str()));
    }
    loss = values.rank() == 0 ? values : ops::weighted_mean(values, weights);
  }
  accumulate(states[0], loss, Tensor(), static_cast<double>(y_shape[0]));
  std::size_t next = 1;
  for (const Metric& metric : options.metrics) {
    accumulate(states[next++], metric(y_true, y_pred), Tensor());
  }
  for (const Metric& metric : options.weighted_metrics) {
    const Tensor values = metric(y_true, y_pred);
    accumulate(states[next++], values, weights_like(weights, values));
  }
  return loss;
}

Tape trace(Model& model, const ProgramRequest& request) {
  const bool training = request.mode == Mode::train;
  Tape tape;
  Tape::Scope scope(tape);
  tape.set_random_step(model.runtime().random_step);
  const Tensor x = tape.input("x", request.x_shape, model.dtype());
  const Tensor y_pred = model(x, {.training = training});
  if (request.mode == Mode::predict) {
    tape.outputs = {cast(y_pred, model.dtype())};
    return tape;
  }
  tape.outputs = {trace_loss(model, tape, y_pred, *request.y_shape)};
  return tape;
}

// Reading a variable gives one node; after a rewrite this finds it again.
Tensors variable_reads(const Tape& tape, const std::vector<Variable>& variables) {
  std::map<const void*, Tensor> reads;
  for (const NodePtr& node : tape.schedule()) {
    if (const auto* op = op_cast<VariableOp>(*node)) reads[op->variable.id()] = Tensor(node, 0);
  }
  Tensors result;
  for (const Variable& variable : variables) {
    const auto found = reads.find(variable.id());
    result.push_back(found == reads.end() ? variable.tensor() : found->second);
  }
  return result;
}

// Adds the backward pass, the optimizer's update and the count of the step.
void append_training(Model& model, Tape& tape) {
  Tape::Scope scope(tape);
  const std::vector<Variable> trained = model.trainable_weights();
  if (!trained.empty()) {
    const Tensors dw = gradients(tape.outputs[0], variable_reads(tape, trained));
    Optimizer optimizer = model.optimizer();
    optimizer.build(trained);
    optimizer.apply(dw, trained);
  }
  const Variable& step = model.runtime().random_step;
  step.assign(ops::increment(step));
}

// bfloat16 without instructions for it is float32 with conversions.
void warn_of_emulation(const Tape& tape, const Backend& backend) {
  static std::atomic<bool> warned = false;
  const auto is_emulated = [&](const NodePtr& node) {
    return op_cast<MatmulOp>(*node) && node->inputs[0].dtype() == bfloat16 &&
           backend.find(*node) == nullptr;
  };
  if (!std::ranges::any_of(tape.schedule(), is_emulated) || warned.exchange(true)) return;
  warn(fmt::format(
      "the backend '{}' has no bfloat16 instructions on this machine: bfloat16 runs as "
      "float32 with conversions, with right results but slower than the policy 'float32'",
      backend.name()));
}

std::string mode_key(Mode mode) { return fmt::format("mode {},", static_cast<int>(mode)); }

std::string key_of(const Model& model, const ProgramRequest& request) {
  std::string key = fmt::format("{} {} {}", mode_key(request.mode), request.x_shape.str(),
                                request.y_shape ? request.y_shape->str() : "");
  if (request.mode != Mode::train) return key;
  for (const Variable& variable : model.trainable_weights()) {
    key += fmt::format(" {}", variable.id());
  }
  return key;
}

}  // namespace

std::shared_ptr<const Program> build_program(Model& model, const ProgramRequest& request) {
  const bool eager = model.is_compiled() && model.compile_options().run_eagerly;
  const BackendPtr backend = eager ? get_backend("reference") : default_backend();
  Tape tape = trace(model, request);
  tape = fuse(tape);
  if (request.mode == Mode::train) append_training(model, tape);
  tape = fuse_casts(tape);
  warn_of_emulation(tape, *backend);
  tape = lower(tape, *backend);
  return std::make_shared<Program>(tape, backend, ProgramOptions{.check_values = eager});
}

std::shared_ptr<const Program> cached_program(Model& model, const ProgramRequest& request) {
  constexpr std::size_t kMostPrograms = 16;
  Model::Runtime& runtime = model.runtime();
  const std::string key = key_of(model, request);
  std::scoped_lock lock(runtime.mutex);
  if (const auto found = runtime.programs.find(key); found != runtime.programs.end()) {
    std::erase(runtime.recency, key);
    runtime.recency.push_back(key);
    return found->second;
  }
  const auto program = build_program(model, request);
  if (runtime.programs.size() >= kMostPrograms) {
    runtime.programs.erase(runtime.recency.front());
    runtime.recency.erase(runtime.recency.begin());
  }
  runtime.recency.push_back(key);
  return runtime.programs[key] = program;
}

std::shared_ptr<const Program> latest_training_program(const Model& model) {
  Model::Runtime& runtime = model.runtime();
  const std::string mode = mode_key(Mode::train);
  std::scoped_lock lock(runtime.mutex);
  const auto latest = std::find_if(runtime.recency.rbegin(), runtime.recency.rend(),
                                   [&](const std::string& key) { return key.starts_with(mode); });
  return latest == runtime.recency.rend() ? nullptr : runtime.programs.at(*latest);
}

void reset_metrics(Model& model) {
  for (MetricState& metric : model.runtime().metric_states) {
    metric.state.assign(Array({2}, metric.state.dtype()));
  }
}

std::vector<std::pair<std::string, double>> metric_values(const Model& model) {
  std::vector<std::pair<std::string, double>> values;
  for (const MetricState& metric : model.runtime().metric_states) {
    const Array state = metric.state.value();
    values.emplace_back(metric.name, state.flat(0) / state.flat(1));
  }
  return values;
}

}  // namespace banach
