#include <banach/core/errors.hpp>
#include <banach/layers/input.hpp>
#include <banach/models/sequential.hpp>

#include <fmt/format.h>

namespace banach {

struct Sequential::Stack {
  std::vector<std::shared_ptr<Layer>> layers;  // without Input
  std::optional<Shape> input_shape;            // with an unknown batch
  std::optional<Shape> output_shape;           // of the last layer
};

Sequential::Sequential(const SequentialOptions& options)
    : LayerOf(common(options)), stack_(std::make_shared<Stack>()) {
  if (options.input_shape) stack_->input_shape = Shape{kUnknown}.concat(*options.input_shape);
  stack_->output_shape = stack_->input_shape;
}

Sequential::Sequential(std::initializer_list<AnyLayer> layers, const SequentialOptions& options)
    : Sequential(options) {
  for (const AnyLayer& layer : layers) add(layer);
}

void Sequential::add(const AnyLayer& any) {
  const std::shared_ptr<Layer>& layer = any.get();
  const bool is_input = dynamic_cast<const layers::Input*>(layer.get()) != nullptr;
  if (is_input && (stack_->input_shape || !stack_->layers.empty())) {
    throw InvalidArgument(fmt::format(
        "[{}] Input must come first and only once, received '{}' after {}", name(), layer->name(),
        stack_->input_shape ? "an input of shape " + stack_->input_shape->str()
                            : fmt::format("{} layers", stack_->layers.size())));
  }
  for (const auto& other : stack_->layers) {
    if (other->name() == layer->name()) {
      throw InvalidArgument(fmt::format(
          "[{}] all layers must have unique names, received a second '{}'", name(), layer->name()));
    }
  }
  std::optional<Shape> shape = stack_->output_shape;
  if (!shape && stack_->layers.empty() && layer->input_shape()) {
    shape = Shape{kUnknown}.concat(*layer->input_shape());
  }
  const std::optional<Shape> output =
      shape ? std::optional(layer->compute_output_shape(*shape)) : std::nullopt;
  if (stack_->layers.empty() && !stack_->input_shape) stack_->input_shape = shape;
  stack_->output_shape = output;
  if (!is_input) stack_->layers.push_back(layer);
}

void Sequential::build(const Shape& input_shape) {
  if (stack_->input_shape) return;
  Shape shape = input_shape;
  for (const auto& layer : stack_->layers) shape = layer->compute_output_shape(shape);
  stack_->input_shape = input_shape;
  stack_->output_shape = shape;
}

Tensor Sequential::call(const Tensor& x, const CallContext& context) {
  Tensor y = x;
  for (const auto& layer : stack_->layers) y = (*layer)(y, context);
  return y;
}

std::vector<std::shared_ptr<Layer>> Sequential::layers() const { return stack_->layers; }

std::vector<Shape> Sequential::layer_output_shapes() const {
  std::vector<Shape> shapes;
  if (!stack_->input_shape) return shapes;
  Shape shape = *stack_->input_shape;
  for (const auto& layer : stack_->layers) {
    shape = layer->compute_output_shape(shape);
    shapes.push_back(shape);
  }
  return shapes;
}

std::optional<Shape> Sequential::model_input_shape() const { return stack_->input_shape; }

}  // namespace banach
