#include <banach/core/errors.hpp>
#include <banach/models/runtime.hpp>
#include <banach/train/data.hpp>

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace banach {
namespace {

// The outputs for the samples [first, end).
std::vector<Array> predict_batch(Model& model, const std::vector<Array>& x, std::int64_t first,
                                 std::int64_t end) {
  ProgramRequest request{Mode::predict, {}, {}};
  for (const Array& array : x) request.x.push_back(array.shape().with(0, end - first));
  const auto program = cached_program(model, request);
  const ContextLease context = program->lease();
  for (std::size_t i = 0; i < x.size(); ++i) context->set_input(i, x[i].slice(first, end));
  context->run();
  std::vector<Array> outputs;
  for (std::size_t i = 0; i < program->tape().outputs.size(); ++i) {
    outputs.push_back(context->get_output(i));
  }
  return outputs;
}

void copy_rows(Array& to, const Array& from, std::int64_t first) {
  const std::size_t row = from.nbytes() / static_cast<std::size_t>(from.dim(0));
  std::memcpy(static_cast<std::byte*>(to.mutable_raw()) + static_cast<std::size_t>(first) * row,
              from.raw(), from.nbytes());
}

}  // namespace

std::vector<Array> Model::predict_outputs(const Arrays& given,
                                          const PredictOptions& options) const {
  check_batch_size(options.batch_size, "predict");
  const std::vector<Array> x = given.in_order(input_names(), "predict", "x");
  check_input(*this, x, "predict");
  // Tracing changes nothing that a caller can see: handles are shared, weights only read.
  auto& self = const_cast<Model&>(*this);
  const std::int64_t samples = x.front().dim(0);
  std::vector<Array> result;
  for (std::int64_t first = 0; first < samples; first += options.batch_size) {
    const std::int64_t end = std::min(first + options.batch_size, samples);
    std::vector<Array> outputs = predict_batch(self, x, first, end);
    if (end - first == samples) return outputs;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Array& y = outputs[i];
      if (first == 0) result.emplace_back(y.shape().with(0, samples), y.dtype());
      copy_rows(result[i], y, first);
    }
  }
  return result;
}

Array Model::predict(const Arrays& x, const PredictOptions& options) const {
  std::vector<Array> outputs = predict_outputs(x, options);
  if (outputs.size() == 1) return std::move(outputs.front());
  throw InvalidArgument(fmt::format(
      "[{}] has {} outputs: use predict_outputs(), which gives them all", name(), outputs.size()));
}

}  // namespace banach
