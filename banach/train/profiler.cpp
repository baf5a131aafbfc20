#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/models/runtime.hpp>
#include <banach/train/data.hpp>
#include <banach/train/profiler.hpp>

#include <cstdio>
#include <fmt/format.h>

namespace banach {
namespace {

// What y looks like: as the last fit's, else as the loss takes it.
Shape target_shape(const Model& model, std::int64_t batch_size) {
  if (const auto latest = latest_training_program(model)) {
    return latest->tape().inputs[kInputY].shape().with(0, batch_size);
  }
  const Shape output = model.layer_output_shapes().back().with(0, batch_size);
  return model.compile_options().loss.is_sparse() ? output.slice(0, output.rank() - 1) : output;
}

Array normal(const Shape& shape) {
  RandomGenerator random(0);
  Array x(shape);
  for (float& value : x.mutable_values<float>()) value = static_cast<float>(random.normal());
  return x;
}

// N(0, 1), of class 0 each, with weight 1.
void fill_inputs(Program::Context& context, const Tape& tape, bool sparse) {
  context.set_input(kInputX, normal(tape.inputs[kInputX].shape()));
  if (tape.inputs.size() == 1) return;
  Array y(tape.inputs[kInputY].shape());
  const std::int64_t width = y.size() / y.dim(0);
  for (std::int64_t i = 0; !sparse && i < y.dim(0); ++i) y.mutable_values<float>()[i * width] = 1;
  context.set_input(kInputY, y);
  context.set_input(kInputSampleWeight, Array::full(tape.inputs[kInputSampleWeight].shape(), 1));
}

}  // namespace

Profile Model::profile(std::int64_t batch_size, int steps) {
  check_batch_size(batch_size, "profile");
  if (steps < 1)
    throw InvalidArgument(fmt::format("[profile] steps must be at least 1, received {}", steps));
  if (!model_input_shape()) {
    throw RuntimeError(fmt::format(
        "[{}] the model is not built: give its first layer an input_shape, or call build()",
        name()));
  }
  ProgramRequest request{Mode::predict, model_input_shape()->with(0, batch_size), {}};
  if (is_compiled()) {
    request.mode = Mode::train;
    request.y_shape = target_shape(*this, batch_size);
  }
  const auto program = cached_program(*this, request);
  const ContextLease context = program->lease();
  fill_inputs(*context, program->tape(), is_compiled() && compile_options().loss.is_sparse());
  return profile_program(*context, steps);
}

void callbacks::Profiler::on_train_begin(const Logs&) { profile_ = {}; }

void callbacks::Profiler::on_train_batch_end(std::int64_t, const Logs&) {
  if (!profile_.rows.empty()) return;
  const auto program = latest_training_program(model());
  profile_ = model().profile(program->tape().inputs[kInputX].dim(0), options_.steps);
  if (options_.verbose == 0) return;
  const std::string text = profile_.str();
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace banach
