#include <banach/backend/backend.hpp>
#include <banach/core/errors.hpp>
#include <banach/models/layer_outputs.hpp>
#include <banach/runtime/fuse.hpp>
#include <banach/runtime/program.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {
namespace {

// A Sequential without an input shape learns it from the data.
LayerCalls built_calls(Model& model, const std::vector<Array>& x) {
  if (model.graph() == nullptr && !model.layers().empty() && x.size() == 1) {
    model.compute_output_shape(x.front().shape().with(0, kUnknown));
  }
  return layer_calls(model);
}

Tensors trace_calls(const LayerCalls& layers, const Tensors& inputs) {
  std::vector<Tensors> values(layers.calls.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    values[static_cast<std::size_t>(layers.inputs[i])] = {inputs[i]};
  }
  Tensors firsts;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const LayerCall& call = layers.calls[i];
    if (values[i].empty()) {
      Tensors arguments;
      for (const CallOutput& input : call.inputs) {
        arguments.push_back(
            values[static_cast<std::size_t>(input.call)][static_cast<std::size_t>(input.output)]);
      }
      values[i] = call.layer->apply(arguments);
    }
    firsts.push_back(values[i].front());
  }
  return firsts;
}

}  // namespace

// What layers give that compute nothing is their input: it is read once.
struct LayerOutputs::Prepared {
  std::shared_ptr<const Program> program;
  std::vector<std::size_t> output_of;  // of each call, behind the inputs
};

LayerOutputs::LayerOutputs(Model& model, const std::vector<Array>& x)
    : model_(model), layers_(built_calls(model, x)) {}

LayerOutputs::~LayerOutputs() = default;

LayerOutputs::Prepared& LayerOutputs::prepared(const std::vector<Shape>& x) {
  std::unique_ptr<Prepared>& result = programs_[x.front()[0]];
  if (result) return *result;
  Tape tape;
  Tape::Scope scope(tape);
  Tensors inputs;
  for (const Shape& shape : x) {
    inputs.push_back(tape.input(fmt::format("x{}", inputs.size()), shape, model_.dtype()));
  }
  Tensors distinct = inputs;
  result = std::make_unique<Prepared>();
  for (const Tensor& value : trace_calls(layers_, inputs)) {
    const auto found = std::ranges::find(distinct, value);
    result->output_of.push_back(static_cast<std::size_t>(found - distinct.begin()));
    if (found == distinct.end()) distinct.push_back(value);
  }
  distinct.erase(distinct.begin(), distinct.begin() + static_cast<std::ptrdiff_t>(inputs.size()));
  for (const Tensor& value : distinct) tape.outputs.push_back(cast(value, model_.dtype()));
  const BackendPtr backend = default_backend();
  result->program = std::make_shared<Program>(lower(fuse_casts(fuse(tape)), *backend), backend);
  return *result;
}

void LayerOutputs::run(const std::vector<Array>& x, std::int64_t batch_size, const Visit& visit) {
  if (x.size() != layers_.inputs.size()) {
    throw InvalidArgument(fmt::format("[{}] expected an array for each of {} inputs, received {}",
                                      model_.name(), layers_.inputs.size(), x.size()));
  }
  const std::int64_t samples = x.front().dim(0);
  for (std::int64_t first = 0; first < samples; first += batch_size) {
    std::vector<Array> values;
    std::vector<Shape> shapes;
    for (const Array& array : x) {
      values.push_back(array.slice(first, std::min(first + batch_size, samples)));
      shapes.push_back(values.back().shape());
    }
    const Prepared& ready = prepared(shapes);
    const ContextLease context = ready.program->lease();
    for (std::size_t i = 0; i < x.size(); ++i) context->set_input(i, values[i]);
    context->run();
    for (std::size_t i = 0; i < ready.program->tape().outputs.size(); ++i) {
      values.push_back(context->get_output(i));
    }
    for (std::size_t call = 0; call < ready.output_of.size(); ++call) {
      visit(call, values[ready.output_of[call]]);
    }
  }
}

}  // namespace banach
