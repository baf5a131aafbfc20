#include <banach/core/errors.hpp>
#include <banach/core/log.hpp>
#include <banach/models/runtime.hpp>
#include <banach/nn/loss_inputs.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/gradient.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>
#include <banach/runtime/fuse.hpp>

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <set>
#include <utility>

namespace banach {
namespace {

// One loss value a sample: (batch,), the mean over any further axes.
Tensor per_sample(const Tensor& values) {
  if (values.rank() < 2) return values;
  std::vector<int> axes(static_cast<std::size_t>(values.rank() - 1));
  std::iota(axes.begin(), axes.end(), 1);
  return ops::mean(values, axes);
}

// A scalar loss, which counts for all samples of the batch.
void accumulate_loss(MetricState& state, const Tensor& loss, double samples) {
  NameScope scope(state.name);
  Variable& mean = state.state;
  if (!mean.is_initialized()) mean.initialize(state.name, Array({2}, loss.dtype()), false);
  mean.assign(ops::accumulate_mean(mean, loss, Tensor(), samples));
}

// What the loss and the metrics of one output are computed from, in float32 where the model is half
// as precise.
struct OutputTargets {
  Tensor y_pred, y_true, weights;
};

std::vector<OutputTargets> trace_targets(Model& model, Tape& tape, const Tensors& outputs,
                                         const std::vector<Shape>& y_shapes) {
  std::vector<OutputTargets> targets(outputs.size());
  const auto numbered = [&](const char* name, std::size_t i) {
    return outputs.size() == 1 ? std::string(name) : name + std::to_string(i);
  };
  const DType dtype = widened(model.dtype());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    targets[i].y_pred = cast(outputs[i], dtype);
    const Tensor y = tape.input(numbered("y", i), y_shapes[i], dtype);
    // a function of the user's own does not broadcast (batch,) against (batch, 1)
    targets[i].y_true = losses::detail::with_rank_of(targets[i].y_pred, y);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    targets[i].weights = tape.input(numbered("sample_weight", i), {y_shapes[i][0]}, dtype);
  }
  return targets;
}

Tensor trace_output_loss(const Loss& function, const OutputTargets& targets) {
  NameScope scope("loss");
  const Tensor values = per_sample(function(targets.y_true, targets.y_pred));
  if (values.rank() == 1 && values.dim(0) != targets.y_true.dim(0)) {
    throw InvalidArgument(fmt::format(
        "[loss] '{}' must give one value a sample, shape ({},), or a scalar; it gave {}",
        function.name(), targets.y_true.dim(0), values.shape().str()));
  }
  return values.rank() == 0 ? values * ops::mean(targets.weights)
                            : ops::weighted_mean(values, targets.weights);
}

// The penalties on weights by their regularizers, added to the loss.
Tensor with_penalties(const Model& model, Tensor loss) {
  NameScope scope("loss");
  for (const Tensor& penalty : model.losses()) loss = loss + cast(penalty, loss.dtype());
  return loss;
}

// The weighted sum of the outputs' losses, each of which has a running mean of its own when there
// are several, and the weights' penalties.
Tensor trace_loss(Model& model, const std::vector<OutputTargets>& targets, MetricState*& state) {
  const CompileOptions& options = model.compile_options();
  const std::vector<std::string> names = model.output_names();
  const std::vector<Loss> losses = options.loss.of(names);
  const std::vector<double> loss_weights = options.loss_weights.of(names);
  const auto samples = static_cast<double>(targets[0].y_true.dim(0));
  MetricState& total_state = *state++;
  Tensor total;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const Tensor loss = trace_output_loss(losses[i], targets[i]);
    if (targets.size() > 1) accumulate_loss(*state++, loss, samples);
    const Tensor weighted = loss_weights[i] == 1 ? loss : loss * loss_weights[i];
    total = total ? total + weighted : weighted;
  }
  total = with_penalties(model, total);
  accumulate_loss(total_state, total, samples);
  return total;
}

// Adds a batch to a metric's state: to that of a mean, whose shape is known, or its sums.
void accumulate(MetricState& state, const OutputTargets& targets, const Tensor& weights) {
  NameScope scope(state.name);
  const Metric& metric = *state.metric;
  Variable& sums = state.state;
  const auto& [y_pred, y_true, sample_weights] = targets;
  if (metric.is_mean()) {
    if (!sums.is_initialized()) sums.initialize(state.name, Array({2}, y_pred.dtype()), false);
    sums.assign(metric.update_state(sums, y_true, y_pred, weights));
    return;
  }
  const Tensor of_batch = metric.update_state({}, y_true, y_pred, weights);
  if (!sums.is_initialized()) {
    sums.initialize(state.name, Array(of_batch.shape(), of_batch.dtype()), false);
  }
  if (of_batch.shape() != sums.shape()) {
    throw InvalidArgument(fmt::format(
        "[{}] a metric's sums must have one shape whatever the batch, received {} after {}",
        state.name, of_batch.shape().str(), sums.shape().str()));
  }
  sums.assign(sums.tensor() + of_batch);
}

void trace_metrics(Model& model, const std::vector<OutputTargets>& targets, MetricState* state) {
  const CompileOptions& options = model.compile_options();
  const auto metrics = options.metrics.of(model.output_names());
  const auto weighted = options.weighted_metrics.of(model.output_names());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    for (std::size_t k = 0; k < metrics[i].size(); ++k) accumulate(*state++, targets[i], {});
    for (std::size_t k = 0; k < weighted[i].size(); ++k) {
      accumulate(*state++, targets[i], targets[i].weights);
    }
  }
}

// Samples stay apart: batches are cut and put together again.
void check_batch(const Model& model, std::int64_t samples, const Tensors& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Shape& shape = outputs[i].shape();
    if (shape.rank() > 0 && shape[0] == samples) continue;
    throw InvalidArgument(fmt::format(
        "[{}] expected outputs whose first axis is the batch, of {} samples, received {} for "
        "output {}: a layer of your own must keep that axis",
        model.name(), samples, shape.str(), i));
  }
}

// What a layer reads and nobody reports would be trained by nobody and saved in no file.
void check_reported(const Model& model, const Tape& tape) {
  std::set<const void*> reported;
  for (const Variable& weight : model.weights()) reported.insert(weight.id());
  for (const NodePtr& node : tape.schedule()) {
    const auto* read = op_cast<VariableOp>(*node);
    if (read == nullptr || !read->variable.trainable()) continue;
    if (reported.contains(read->variable.id())) continue;
    throw InvalidArgument(fmt::format(
        "[{}] the weight '{}' is read by a layer that does not report it: a class with layers "
        "inside overrides sublayers() to list them",
        model.name(), read->variable.name()));
  }
}

Tape trace(Model& model, const ProgramRequest& request, bool checks = true) {
  Tape tape;
  Tape::Scope scope(tape);
  tape.set_random_step(model.runtime().random_step);
  Tensors inputs;
  for (const Shape& shape : request.x) {
    const std::string name = request.x.size() == 1 ? "x" : fmt::format("x{}", inputs.size());
    inputs.push_back(tape.input(name, shape, model.dtype()));
  }
  const Tensors outputs = model.apply(inputs, {.training = request.mode == Mode::train});
  tape.outputs = outputs;
  if (checks) {
    check_batch(model, request.x.front()[0], outputs);
    check_reported(model, tape);
  }
  if (request.mode == Mode::predict) {
    for (Tensor& output : tape.outputs) output = cast(output, model.dtype());
    return tape;
  }
  const auto targets = trace_targets(model, tape, outputs, request.y);
  MetricState* state = model.runtime().metric_states.data();
  tape.outputs = {trace_loss(model, targets, state)};
  trace_metrics(model, targets, state);
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

// A layer that computes in float16, be it in a model inside; null for none.
const Layer* find_float16(const Layer& layer) {
  for (const Layer* inner : layer.sublayers()) {
    if (const Layer* found = find_float16(*inner)) return found;
  }
  const bool is_model = dynamic_cast<const Model*>(&layer) != nullptr;
  return !is_model && layer.compute_dtype() == float16 ? &layer : nullptr;
}

// Once after each compile(). In float16, gradients below 6e-8 are 0.
void warn_of_vanishing(Model& model) {
  const Optimizer optimizer = model.optimizer();
  if (optimizer.loss_scale() != nullptr || optimizer.options().loss_scale_factor) return;
  if (!model.compile_options().auto_scale_loss) return;
  const Layer* found = find_float16(model);
  if (found == nullptr || std::exchange(model.runtime().told_of_vanishing, true)) return;
  warn(fmt::format(
      "[{}] '{}' computes in float16, where small gradients vanish, and the loss is not scaled, "
      "since the model's own policy is {}: set the policy mixed_float16 before the model is made, "
      "or compile it with optimizers::LossScaleOptimizer",
      model.name(), found->name(), model.dtype_policy().name()));
}

// Adds the backward pass, the optimizer's update, the weights' constraints and the count of the
// step.
void append_training(Model& model, Tape& tape) {
  Tape::Scope scope(tape);
  const std::vector<Variable> trained = model.trainable_weights();
  if (!trained.empty()) {
    warn_of_vanishing(model);
    Optimizer optimizer = model.optimizer();
    optimizer.build(trained);
    const Tensor loss = optimizer.scale_loss(tape.outputs[0]);
    const Tensors dw = gradients(loss, variable_reads(tape, trained));
    model.apply_constraints(optimizer.apply(dw, trained));
  }
  const Variable& step = model.runtime().random_step;
  step.assign(ops::increment(step));
}

// bfloat16 and float16 without instructions for them are float32 with conversions.
void warn_of_emulation(const Tape& tape, const Backend& backend) {
  static std::atomic<bool> warned = false;
  const auto is_emulated = [&](const NodePtr& node) {
    return op_cast<MatmulOp>(*node) && is_half(node->inputs[0].dtype()) &&
           backend.find(*node) == nullptr;
  };
  const auto nodes = tape.schedule();
  const auto found = std::ranges::find_if(nodes, is_emulated);
  if (found == nodes.end() || warned.exchange(true)) return;
  warn(
      fmt::format("the backend '{0}' has no {1} instructions on this machine: {1} runs as "
                  "float32 with conversions, with right results but slower than the policy "
                  "'float32'",
                  backend.name(), name_of((*found)->inputs[0].dtype())));
}

std::string mode_key(Mode mode) { return fmt::format("mode {},", static_cast<int>(mode)); }

// Which layers are frozen: batch normalization without weights of its own depends on it, too.
void add_flags(const Layer& layer, std::string& key) {
  key += layer.trainable() ? '1' : '0';
  for (const Layer* inner : layer.sublayers()) add_flags(*inner, key);
}

std::string key_of(const Model& model, const ProgramRequest& request) {
  std::string key = mode_key(request.mode) + " " + default_backend()->name();
  for (const auto* shapes : {&request.x, &request.y}) {
    for (const Shape& shape : *shapes) key += " " + shape.str();
    key += ';';
  }
  if (request.mode != Mode::train) return key;
  add_flags(model, key);
  for (const Variable& variable : model.trainable_weights()) {
    key += fmt::format(" {}", variable.id());
  }
  return key;
}

using Runtime = Model::Runtime;

void drop_least_recent(Runtime& runtime) {
  constexpr std::size_t kAlwaysKept = 16, kMost = 256, kMostBytes = std::size_t{64} << 20;
  std::size_t bytes = 0;
  for (const auto& [key, cached] : runtime.programs) bytes += cached.program->arena_bytes();
  while (runtime.programs.size() > kAlwaysKept &&
         (runtime.programs.size() > kMost || bytes > kMostBytes)) {
    const auto oldest = std::ranges::min_element(
        runtime.programs, {}, [](const auto& entry) { return entry.second.last_use; });
    bytes -= oldest->second.program->arena_bytes();
    runtime.programs.erase(oldest);
  }
}

}  // namespace

Tape trace_inference(Model& model, const std::vector<Shape>& x) {
  return trace(model, {Mode::predict, x, {}}, false);
}

std::shared_ptr<const Program> build_program(Model& model, const ProgramRequest& request) {
  const bool eager = model.is_compiled() && model.compile_options().run_eagerly;
  const BackendPtr backend = eager ? get_backend("reference") : default_backend();
  Tape tape = trace(model, request);
  tape = fuse(tape);
  if (request.mode == Mode::train) append_training(model, tape);
  tape = fuse_casts(tape);
  tape = fuse_updates(fuse_epilogue_grads(tape, *backend), *backend);
  warn_of_emulation(tape, *backend);
  tape = lower(tape, *backend);
  const bool trains = request.mode == Mode::train;
  const bool checks = eager && !(trains && model.optimizer().loss_scale() != nullptr);
  return std::make_shared<Program>(tape, backend, ProgramOptions{.check_values = checks});
}

std::shared_ptr<const Program> build_gradient_program(Model& model, const std::vector<Shape>& x,
                                                      const std::vector<Shape>& y) {
  const BackendPtr backend = default_backend();
  Tape tape = fuse(trace(model, {Mode::evaluate, x, y}));
  {
    Tape::Scope scope(tape);
    const Tensors weights = variable_reads(tape, model.trainable_weights());
    tape.outputs = gradients(tape.outputs[0], weights);
    tape.assigns.clear();
  }
  return std::make_shared<Program>(lower(fuse_casts(tape), *backend), backend);
}

std::shared_ptr<const Program> cached_program(Model& model, const ProgramRequest& request) {
  Model::Runtime& runtime = model.runtime();
  const std::string key = key_of(model, request);
  std::scoped_lock lock(runtime.mutex);
  const std::uint64_t now = ++runtime.uses;
  if (const auto found = runtime.programs.find(key); found != runtime.programs.end()) {
    found->second.last_use = now;
    return found->second.program;
  }
  const auto program = build_program(model, request);
  runtime.programs[key] = {program, now};
  drop_least_recent(runtime);
  return program;
}

void forget_programs(Model& model) {
  std::scoped_lock lock(model.runtime().mutex);
  model.runtime().programs.clear();
  for (MetricState& metric : model.runtime().metric_states) metric.state = Variable();
}

std::shared_ptr<const Program> latest_training_program(const Model& model) {
  Model::Runtime& runtime = model.runtime();
  std::scoped_lock lock(runtime.mutex);
  const Model::Runtime::CachedProgram* latest = nullptr;
  for (const auto& [key, cached] : runtime.programs) {
    if (!key.starts_with(mode_key(Mode::train))) continue;
    if (latest == nullptr || cached.last_use > latest->last_use) latest = &cached;
  }
  return latest == nullptr ? nullptr : latest->program;
}

void reset_metrics(Model& model) {
  for (MetricState& metric : model.runtime().metric_states) {
    if (!metric.state.is_initialized()) continue;
    metric.state.assign(Array(metric.state.shape(), metric.state.dtype()));
  }
}

std::vector<std::pair<std::string, double>> metric_values(const Model& model) {
  std::vector<std::pair<std::string, double>> values;
  for (const auto& [name, metric, state] : model.runtime().metric_states) {
    double value = std::numeric_limits<double>::quiet_NaN();
    if (state.is_initialized()) {
      const Array sums = state.value();
      value = metric ? metric->result(sums) : sums.flat(0) / sums.flat(1);
    }
    values.emplace_back(name, value);
  }
  return values;
}

}  // namespace banach
