#include <banach/core/errors.hpp>
#include <banach/core/log.hpp>
#include <banach/core/suggest.hpp>
#include <banach/graph/tape.hpp>
#include <banach/layers/blank_weights.hpp>
#include <banach/layers/layer.hpp>
#include <banach/layers/symbolic.hpp>
#include <banach/ops/elementwise.hpp>

#include <algorithm>
#include <cctype>
#include <cxxabi.h>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <unordered_set>
#include <utility>

namespace banach {
namespace {

struct NameCounters {
  std::mutex mutex;
  std::map<std::string, int> next;
};

NameCounters& name_counters() {
  static NameCounters counters;
  return counters;
}

// "dense", then "dense_1", "dense_2", ...
std::string unique_name(const std::string& stem) {
  std::scoped_lock lock(name_counters().mutex);
  const int number = name_counters().next[stem]++;
  return number == 0 ? stem : fmt::format("{}_{}", stem, number);
}

// Variables in order, each once however many layers share it.
class VariableList {
 public:
  void add(const Variable& variable) {
    if (seen_.insert(variable.id()).second) list_.push_back(variable);
  }
  void add(const std::vector<Variable>& variables) {
    for (const Variable& variable : variables) add(variable);
  }
  bool contains(const Variable& variable) const { return seen_.contains(variable.id()); }
  std::vector<Variable> take() { return std::move(list_); }

 private:
  std::vector<Variable> list_;
  std::unordered_set<const void*> seen_;
};

// Two sizes that no layer confuses with a constant of its own; Keras traces with the same ones.
constexpr std::int64_t kProbeSizes[] = {83, 89};

Shape with_probe(Shape shape, std::int64_t size) {
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] < 0) shape[axis] = size;
  }
  return shape;
}

Shape with_unknown_batch(const Shape& shape) {
  return shape.rank() == 0 ? shape : shape.with(0, kUnknown);
}

CallContext& current_context() {
  thread_local CallContext context;
  return context;
}

// Makes `context` the current one of this thread while it lives.
class ContextScope {
 public:
  explicit ContextScope(const CallContext& context)
      : before_(std::exchange(current_context(), context)) {}
  ~ContextScope() { current_context() = before_; }
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;

 private:
  CallContext before_;
};

std::vector<Shape> shapes_of(const std::vector<TensorSpec>& specs) {
  std::vector<Shape> shapes;
  for (const TensorSpec& spec : specs) shapes.push_back(spec.shape);
  return shapes;
}

std::vector<TensorSpec> specs_of(const Tensors& tensors) {
  std::vector<TensorSpec> specs;
  for (const Tensor& tensor : tensors) specs.push_back(tensor.spec());
  return specs;
}

}  // namespace

CallContext CallContext::current() { return current_context(); }

// A weight that has a regularizer or a constraint.
struct Layer::RuledWeight {
  Variable variable;
  Regularizer regularizer;
  Constraint constraint;
};

struct Layer::State {
  CommonOptions options;
  DTypePolicy policy = float32;
  bool built = false;
  std::vector<Variable> weights;
  std::vector<RuledWeight> ruled_weights;
};

Layer::Layer(const CommonOptions& options) : state_(std::make_shared<State>()) {
  state_->options = options;
  state_->policy = options.dtype ? *options.dtype : config::dtype_policy();
}

void Layer::ensure_named() const {
  std::string& name = state_->options.name;
  if (name.empty()) name = unique_name(to_snake_case(class_name()));
}

void Layer::rename(const std::string& name) { state_->options.name = name; }

const std::string& Layer::name() const {
  ensure_named();
  return state_->options.name;
}

DTypePolicy Layer::dtype_policy() const { return state_->policy; }
DType Layer::dtype() const { return state_->policy.variable_dtype(); }
DType Layer::compute_dtype() const { return state_->policy.compute_dtype(); }
bool Layer::is_built() const { return state_->built || !state_->weights.empty(); }
bool Layer::trainable() const { return state_->options.trainable; }
const std::optional<Shape>& Layer::input_shape() const { return state_->options.input_shape; }

void Layer::set_trainable(bool trainable) {
  state_->options.trainable = trainable;
  for (Layer* layer : sublayers()) layer->set_trainable(trainable);
}

void Layer::build(const Shape&) {}

void Layer::build_many(const std::vector<Shape>& input_shapes) { build(input_shapes.front()); }

void Layer::ensure_built(const std::vector<Shape>& input_shapes) {
  if (state_->built) return;
  std::vector<Shape> shapes;
  for (const Shape& shape : input_shapes) shapes.push_back(with_unknown_batch(shape));
  build_many(shapes);
  state_->built = true;
}

Tensor Layer::call(const Tensor&, const CallContext&) {
  throw InvalidArgument(fmt::format("[{}] a layer overrides call() or call_many()", name()));
}

Tensors Layer::call_many(const Tensors& inputs, const CallContext& context) {
  if (inputs.size() == 1) return {call(inputs.front(), context)};
  throw InvalidArgument(fmt::format("[{}] expected one input, received {}", name(), inputs.size()));
}

Tensor Layer::operator()(const Tensor& x, const CallContext& context) {
  return (*this)(Tensors{x}, context);
}

Tensor Layer::operator()(const Tensors& inputs, const CallContext& context) {
  const Tensors outputs = apply(inputs, context);
  if (outputs.size() == 1) return outputs.front();
  throw InvalidArgument(fmt::format("[{}] has {} outputs: use apply(), which gives them all",
                                    name(), outputs.size()));
}

Tensors Layer::apply(const Tensors& inputs, const CallContext& context) {
  if (inputs.empty()) {
    throw InvalidArgument(fmt::format("[{}] expected at least one input", name()));
  }
  if (is_symbolic(inputs)) return call_symbolically(*this, inputs);
  NameScope scope(name());
  ensure_built(shapes_of(specs_of(inputs)));
  const AutocastScope autocast(compute_dtype());
  Tensors converted;
  for (const Tensor& input : inputs) converted.push_back(convert_input(input));
  const ContextScope inner(context);
  return call_many(converted, context);
}

Tensor Layer::convert_input(const Tensor& x) const {
  return is_floating(x.dtype()) ? cast(x, compute_dtype()) : x;
}

Shape Layer::compute_output_shape(const Shape& input_shape) {
  return compute_output_specs({{input_shape, dtype()}}).front().shape;
}

std::vector<TensorSpec> Layer::compute_output_specs(const std::vector<TensorSpec>& inputs) {
  ensure_built(shapes_of(inputs));
  std::vector<TensorSpec> probed[2];
  for (int i = 0; i < 2; ++i) {
    Tape tape;
    Tape::Scope scope(tape);
    Tensors probes;
    for (const TensorSpec& input : inputs) {
      probes.push_back(tape.input("probe", with_probe(input.shape, kProbeSizes[i]), input.dtype));
    }
    probed[i] = specs_of(apply(probes, {}));
  }
  std::vector<TensorSpec> result = probed[0];
  for (std::size_t k = 0; k < result.size(); ++k) {
    for (int axis = 0; axis < result[k].shape.rank(); ++axis) {
      const bool known = probed[0][k].shape[axis] == probed[1][k].shape[axis];
      if (!known) result[k].shape[axis] = kUnknown;
    }
  }
  return result;
}

void Layer::describe(Fields&) {}

Json Layer::get_config() const {
  Fields fields;
  std::string layer_name = name();
  bool is_trainable = trainable();
  DTypePolicy policy = dtype_policy();
  fields("name", layer_name)("trainable", is_trainable)("dtype", policy);
  const_cast<Layer*>(this)->describe(fields);  // which only reads members when it writes a config
  return fields.written();
}

std::string Layer::name_in(const Json& config) const {
  const Json* given = config.find("name");
  return given && given->is_string() ? given->as_string() : class_name();
}

void Layer::set_common_config(const Json& config) {
  Fields fields(config, name_in(config));
  fields("name", state_->options.name)("trainable", state_->options.trainable);
  fields("dtype", state_->policy);
}

void Layer::set_config(const Json& config) {
  set_common_config(config);
  Fields fields(config, name_in(config));
  for (const char* common : {"name", "trainable", "dtype"}) fields.skip(common);
  std::optional<Shape> batch_shape;  // TensorFlow 2's, on the first layer of a Sequential
  fields("batch_input_shape", batch_shape);
  if (batch_shape && batch_shape->rank() > 0) {
    state_->options.input_shape = batch_shape->slice(1, batch_shape->rank());
  }
  describe(fields);
  if (const auto unknown = fields.unknown(); !unknown.empty()) {
    warn(fmt::format("[{}] these options of its config are not known and were ignored: {}",
                     fields.where(), join(unknown)));
  }
}

std::vector<Variable> Layer::weights() const {
  VariableList result;
  result.add(state_->weights);
  for (const Layer* layer : sublayers()) result.add(layer->weights());
  return result.take();
}

std::vector<Variable> Layer::own_weights() const {
  std::vector<Variable> result = state_->weights;
  std::stable_partition(result.begin(), result.end(),
                        [](const Variable& w) { return w.trainable(); });
  return result;
}

std::vector<Variable> Layer::trainable_weights() const {
  VariableList result;
  if (!trainable()) return {};
  for (const Variable& variable : state_->weights) {
    if (variable.trainable()) result.add(variable);
  }
  for (const Layer* layer : sublayers()) result.add(layer->trainable_weights());
  return result.take();
}

std::vector<Variable> Layer::non_trainable_weights() const {
  VariableList trained, result;
  trained.add(trainable_weights());
  for (const Variable& variable : weights()) {
    if (!trained.contains(variable)) result.add(variable);
  }
  return result.take();
}

std::int64_t Layer::count_params() const {
  std::int64_t count = 0;
  for (const Variable& variable : weights()) count += variable.size();
  return count;
}

std::vector<Array> Layer::get_weights() const {
  std::vector<Array> values;
  for (const Variable& variable : weights()) values.push_back(variable.value());
  return values;
}

void Layer::set_weights(const std::vector<Array>& values) {
  std::vector<Variable> variables = weights();
  if (values.size() != variables.size()) {
    throw InvalidArgument(fmt::format("[{}] set_weights expected {} arrays, received {}{}", name(),
                                      variables.size(), values.size(),
                                      is_built() ? "" : ". The layer is not built yet"));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].shape() != variables[i].shape()) {
      throw InvalidArgument(fmt::format(
          "[{}] set_weights expected shape {} for weight {} ('{}'), received {}", name(),
          variables[i].shape().str(), i, variables[i].name(), values[i].shape().str()));
    }
  }
  for (std::size_t i = 0; i < values.size(); ++i) variables[i].assign(values[i]);
}

void Layer::add_weight(Variable& variable, const std::string& weight_name, const Shape& shape,
                       const Initializer& initializer, bool is_trainable,
                       const Regularizer& regularizer, const Constraint& constraint) {
  const bool is_there =
      variable.is_initialized() && std::ranges::count(state_->weights, variable) > 0;
  if (is_there && variable.shape() == shape) return;
  BlankWeights* blank = BlankWeights::current();
  Array value = blank ? blank->make(name(), shape, dtype()) : initializer(shape, dtype());
  variable.initialize(name() + "/" + weight_name, std::move(value), is_trainable);
  state_->weights.push_back(variable);
  if (regularizer || constraint) {
    state_->ruled_weights.push_back({variable, regularizer, constraint});
  }
}

void Layer::add_counter(Variable& variable, const std::string& counter_name) {
  if (variable.is_initialized()) return;
  variable.initialize(name() + "/" + counter_name, Array({}, int32), false);
  state_->weights.push_back(variable);
}

// Each once, however many layers share it.
std::vector<Layer::RuledWeight> Layer::trainable_ruled_weights() const {
  std::vector<RuledWeight> result;
  if (!trainable()) return result;
  std::unordered_set<const void*> seen;
  const auto add = [&](const RuledWeight& weight) {
    if (weight.variable.trainable() && seen.insert(weight.variable.id()).second) {
      result.push_back(weight);
    }
  };
  for (const RuledWeight& weight : state_->ruled_weights) add(weight);
  for (const Layer* layer : sublayers()) {
    for (const RuledWeight& weight : layer->trainable_ruled_weights()) add(weight);
  }
  return result;
}

Tensors Layer::losses() const {
  Tensors penalties;
  for (const auto& [variable, regularizer, constraint] : trainable_ruled_weights()) {
    if (!regularizer) continue;
    const Tensor penalty = regularizer(variable.tensor());
    if (penalty.rank() != 0) {
      throw InvalidArgument(fmt::format("[{}] the regularizer '{}' must give a scalar, it gave {}",
                                        variable.name(), regularizer.name(),
                                        penalty.shape().str()));
    }
    penalties.push_back(penalty);
  }
  return penalties;
}

void Layer::apply_constraints(const Tensor& counts) const {
  for (const auto& [variable, regularizer, constraint] : trainable_ruled_weights()) {
    if (!constraint) continue;
    const Tensor value = constraint(variable.tensor());
    variable.assign(counts ? ops::either(counts, value, variable) : value);
  }
}

std::string detail::class_name_of(const std::type_info& type) {
  int status = 0;
  char* demangled = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  std::string full = status == 0 ? demangled : type.name();
  std::free(demangled);
  const std::size_t colon = full.rfind(':');
  return colon == std::string::npos ? full : full.substr(colon + 1);
}

std::string to_snake_case(const std::string& class_name) {
  std::string result;
  for (std::size_t i = 0; i < class_name.size(); ++i) {
    const char c = class_name[i];
    const bool upper = std::isupper(static_cast<unsigned char>(c)) != 0;
    const bool after_lower = i > 0 && std::islower(static_cast<unsigned char>(class_name[i - 1]));
    const bool before_lower = i > 0 && i + 1 < class_name.size() &&
                              std::islower(static_cast<unsigned char>(class_name[i + 1]));
    if (upper && (after_lower || before_lower)) result += '_';
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

void utils::clear_session() {
  std::scoped_lock lock(name_counters().mutex);
  name_counters().next.clear();
}

}  // namespace banach
