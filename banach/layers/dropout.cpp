#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/graph/tape.hpp>
#include <banach/layers/dropout.hpp>
#include <banach/ops/dropout.hpp>
#include <banach/snn/selu.hpp>

#include <fmt/format.h>

namespace banach::layers {
namespace {

double checked_rate(const char* layer, double rate) {
  if (!(rate >= 0 && rate <= 1)) {
    throw InvalidArgument(fmt::format("[{}] rate must be in [0, 1], received {}", layer, rate));
  }
  return rate;
}

std::shared_ptr<std::uint64_t> make_seed(const std::optional<std::uint64_t>& seed) {
  return std::make_shared<std::uint64_t>(seed ? *seed : draw_seed());
}

Shape resolve(const std::string& layer, const std::optional<Shape>& noise_shape, const Shape& x) {
  if (!noise_shape) return x;
  Shape result = *noise_shape;
  if (result.rank() != x.rank()) {
    throw InvalidArgument(
        fmt::format("[{}] noise_shape {} must have one entry for each of the {} "
                    "axes of the input {}",
                    layer, noise_shape->str(), x.rank(), x.with(0, kUnknown).str()));
  }
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (result[axis] < 0) result[axis] = x[axis];
  }
  return result;
}

// A layer called twice in a trace draws two masks: the key tells the calls apart.
std::uint64_t call_key(Tape& tape, std::uint64_t seed) {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;
  return seed + kGolden * tape.next_random_site(seed);
}

template <class Options>
void describe_dropout(Fields& fields, const char* layer, double& rate, Options& options,
                      std::uint64_t& seed) {
  fields.required("rate", rate)("seed", options.seed)("noise_shape", options.noise_shape);
  if (!fields.reading()) return;
  checked_rate(layer, rate);
  if (options.seed) seed = *options.seed;
}

Tape& current_tape(const std::string& layer) {
  if (Tape* tape = Tape::current()) return *tape;
  throw RuntimeError(fmt::format(
      "[{}] in training a tensor can be dropped only inside call(): call the layer on an Array",
      layer));
}

}  // namespace

Dropout::Dropout(double rate, const DropoutOptions& options)
    : LayerOf(common(options)),
      rate_(checked_rate("Dropout", rate)),
      options_(options),
      seed_(make_seed(options.seed)) {}

void Dropout::describe(Fields& fields) {
  describe_dropout(fields, "Dropout", rate_, options_, *seed_);
}

Tensor Dropout::call(const Tensor& x, const CallContext& context) {
  if (!context.training || rate_ == 0) return x;
  Tape& tape = current_tape(name());
  return ops::dropout(x, tape.random_step(), dropout_parameters(rate_, call_key(tape, *seed_)),
                      resolve(name(), options_.noise_shape, x.shape()));
}

AlphaDropout::AlphaDropout(double rate, const AlphaDropoutOptions& options)
    : LayerOf(common(options)),
      rate_(checked_rate("AlphaDropout", rate)),
      options_(options),
      seed_(make_seed(options.seed)) {
  snn::layer_selu_constants(options.fixed_point);  // throws now rather than in call()
}

void AlphaDropout::describe(Fields& fields) {
  describe_dropout(fields, "AlphaDropout", rate_, options_, *seed_);
  if (!fields.reading() && options_.fixed_point == snn::FixedPoint{}) return;  // as Keras writes it
  fields("fixed_point", options_.fixed_point);
  snn::layer_selu_constants(options_.fixed_point);
}

Tensor AlphaDropout::call(const Tensor& x, const CallContext& context) {
  if (!context.training || rate_ == 0) return x;
  Tape& tape = current_tape(name());
  const DropoutParameters parameters =
      alpha_dropout_parameters(rate_, call_key(tape, *seed_), options_.fixed_point);
  return ops::dropout(x, tape.random_step(), parameters,
                      resolve(name(), options_.noise_shape, x.shape()));
}

}  // namespace banach::layers
