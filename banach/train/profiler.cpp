#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/models/runtime.hpp>
#include <banach/train/data.hpp>
#include <banach/train/profiler.hpp>

#include <cstdio>
#include <fmt/format.h>

namespace banach {
namespace {

std::vector<Shape> with_batch(std::vector<Shape> shapes, std::int64_t batch_size) {
  for (Shape& shape : shapes) shape = shape.with(0, batch_size);
  return shapes;
}

// What each y looks like: as the last fit's, else as the losses take it.
std::vector<Shape> target_shapes(const Model& model, std::int64_t batch_size) {
  std::vector<Shape> shapes = model.output_shapes();
  const std::vector<Loss> losses = model.compile_options().loss.of(model.output_names());
  const auto latest = latest_training_program(model);
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (latest) {
      shapes[i] = latest->tape().inputs[model.input_names().size() + i].shape();
    } else if (losses[i].is_sparse()) {
      shapes[i] = shapes[i].slice(0, shapes[i].rank() - 1);
    }
  }
  return with_batch(std::move(shapes), batch_size);
}

Array normal(const Shape& shape) {
  RandomGenerator random(0);
  Array x(shape);
  for (float& value : x.mutable_values<float>()) value = static_cast<float>(random.normal());
  return x;
}

// Of class 0 each.
Array targets(const Shape& shape, bool sparse) {
  Array y(shape);
  const std::int64_t width = y.size() / y.dim(0);
  for (std::int64_t i = 0; !sparse && i < y.dim(0); ++i) y.mutable_values<float>()[i * width] = 1;
  return y;
}

// N(0, 1), of class 0 each, with weight 1.
void fill_inputs(const Model& model, Program::Context& context, const Tape& tape) {
  const std::size_t num_x = model.input_names().size();
  for (std::size_t i = 0; i < num_x; ++i) context.set_input(i, normal(tape.inputs[i].shape()));
  if (tape.inputs.size() == num_x) return;
  const std::vector<Loss> losses = model.compile_options().loss.of(model.output_names());
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const std::size_t y = num_x + i, weights = y + losses.size();
    context.set_input(y, targets(tape.inputs[y].shape(), losses[i].is_sparse()));
    context.set_input(weights, Array::full(tape.inputs[weights].shape(), 1));
  }
}

}  // namespace

Profile Model::profile(std::int64_t batch_size, int steps) {
  check_batch_size(batch_size, "profile");
  if (steps < 1)
    throw InvalidArgument(fmt::format("[profile] steps must be at least 1, received {}", steps));
  if (!graph()) {
    throw RuntimeError(fmt::format(
        "[{}] the model is not built: give its first layer an input_shape, or call build()",
        name()));
  }
  ProgramRequest request{Mode::predict, with_batch(input_shapes(), batch_size), {}};
  if (is_compiled()) {
    request.mode = Mode::train;
    request.y = target_shapes(*this, batch_size);
  }
  const auto program = cached_program(*this, request);
  const ContextLease context = program->lease();
  fill_inputs(*this, *context, program->tape());
  return profile_program(*context, steps);
}

void callbacks::Profiler::on_train_begin(const Logs&) { profile_ = {}; }

void callbacks::Profiler::on_train_batch_end(std::int64_t, const Logs&) {
  if (!profile_.rows.empty()) return;
  const auto program = latest_training_program(model());
  profile_ = model().profile(program->tape().inputs.front().dim(0), options_.steps);
  if (options_.verbose == 0) return;
  const std::string text = profile_.str();
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace banach
