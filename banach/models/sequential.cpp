#include <banach/core/errors.hpp>
#include <banach/layers/input.hpp>
#include <banach/models/functional.hpp>
#include <banach/models/runtime.hpp>
#include <banach/models/sequential.hpp>

#include <fmt/format.h>
#include <mutex>
#include <unordered_set>

namespace banach {

struct Sequential::Stack {
  std::vector<std::shared_ptr<Layer>> layers;  // without the input
  std::unordered_set<std::string> names;
  Tensor input, output;                          // empty until the shape of the input is known
  std::mutex mutex;                              // guards graph
  std::shared_ptr<const FunctionalGraph> graph;  // between them; null when it is to be made
};

AnyLayer::AnyLayer(const Tensor& input) : layer_(layer_call(input).layer) {
  if (input.node().inputs.empty()) return;
  throw InvalidArgument(
      fmt::format("[Sequential] expected layers, received what '{}' gives: add the layer itself",
                  layer_->name()));
}

Sequential::Sequential(const SequentialOptions& options)
    : LayerOf(common(options)), stack_(std::make_shared<Stack>()) {
  if (options.input_shape) add(layers::Input(*options.input_shape));
}

Sequential::Sequential(std::initializer_list<AnyLayer> layers, const SequentialOptions& options)
    : Sequential(options) {
  for (const AnyLayer& layer : layers) add(layer);
}

void Sequential::check_addable(const Layer& layer) const {
  const bool is_input = dynamic_cast<const layers::InputLayer*>(&layer) != nullptr;
  if (is_input && (stack_->input || !stack_->layers.empty())) {
    throw InvalidArgument(fmt::format(
        "[{}] Input must come first and only once, received '{}' after {}", name(), layer.name(),
        stack_->input ? "an input of shape " + stack_->input.shape().str()
                      : fmt::format("{} layers", stack_->layers.size())));
  }
  if (stack_->names.contains(layer.name())) {
    throw InvalidArgument(
        fmt::format("[{}] all layers must have unique names, received a second "
                    "'{}'",
                    name(), layer.name()));
  }
}

// An input for the first layer, if it knows its shape: by an option, or as a model that is built.
static Tensor input_of(const Layer& layer) {
  if (layer.input_shape()) return layers::Input(*layer.input_shape());
  const auto* model = dynamic_cast<const Model*>(&layer);
  const std::vector<Shape> shapes = model ? model->input_shapes() : std::vector<Shape>();
  if (shapes.size() != 1) return {};
  return layers::Input(shapes.front().slice(1, shapes.front().rank()));
}

void Sequential::add(const AnyLayer& any) {
  const std::shared_ptr<Layer>& layer = any.get();
  check_addable(*layer);
  if (const auto* input = dynamic_cast<const layers::InputLayer*>(layer.get())) {
    stack_->input = stack_->output = layers::Input(*input);
    return;
  }
  Tensor before = stack_->output;
  if (!before && stack_->layers.empty()) before = input_of(*layer);
  const Tensor after = before ? (*layer)(before) : Tensor();
  if (stack_->layers.empty()) stack_->input = before;
  stack_->output = after;
  stack_->graph = nullptr;
  forget_programs(*this);
  stack_->layers.push_back(layer);
  stack_->names.insert(layer->name());
}

void Sequential::build(const Shape& input_shape) {
  if (stack_->input || stack_->layers.empty()) return;
  const Tensor input = layers::Input(input_shape.slice(1, input_shape.rank()));
  Tensor output = input;
  for (const auto& layer : stack_->layers) output = (*layer)(output);
  stack_->input = input;
  stack_->output = output;
}

Tensor Sequential::call(const Tensor& x, const CallContext& context) {
  Tensor y = x;
  for (const auto& layer : stack_->layers) y = (*layer)(y, context);
  return y;
}

std::vector<std::shared_ptr<Layer>> Sequential::layers() const { return stack_->layers; }

std::shared_ptr<const FunctionalGraph> Sequential::graph() const {
  if (!stack_->input) return nullptr;
  std::scoped_lock lock(stack_->mutex);  // predict() asks from many threads
  if (!stack_->graph) {
    stack_->graph =
        std::make_shared<FunctionalGraph>(Tensors{stack_->input}, Tensors{stack_->output});
  }
  return stack_->graph;
}

}  // namespace banach
