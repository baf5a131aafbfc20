// Everything that can be called on an Array at once: each traces one small program and runs it.
#include <banach/backend/backend.hpp>
#include <banach/graph/tape.hpp>
#include <banach/layers/normalization.hpp>
#include <banach/models/eager.hpp>
#include <banach/nn/activations.hpp>
#include <banach/nn/floatx.hpp>
#include <banach/nn/losses.hpp>
#include <banach/nn/metrics.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>
#include <banach/runtime/fuse.hpp>
#include <banach/runtime/program.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {
namespace {

Array run(const Tape& tape) {
  const BackendPtr backend = host_backend();
  return evaluate_tape(lower(tape, *backend), backend).front();
}

Array floating(const Array& x) { return is_floating(x.dtype()) ? x : x.astype(config::floatx()); }

Array apply(ActivationFunction::Pointer function, const Array& x) {
  return eval(function(constant(floating(x))));
}

// y_true in the dtype of y_pred, as a loss sees it.
template <class Function>
Array apply_loss(const Array& y_true, const Array& y_pred, const Function& function) {
  const Array predictions = floating(y_pred);
  return eval(function(constant(y_true.astype(predictions.dtype())), constant(predictions)));
}

}  // namespace

Array eval(const Tensor& tensor) {
  Tape tape;
  tape.outputs = {tensor};
  return run(tape);
}

Array Layer::operator()(const Array& x, const CallContext& context) {
  Tape tape;
  Tape::Scope scope(tape);
  if (context.training && !eager_step_.is_initialized()) {
    eager_step_.initialize("eager_step", Array({}, int64), false);
  }
  if (context.training) tape.set_random_step(eager_step_);
  tape.outputs = {(*this)(constant(x.astype(dtype())), context)};
  if (context.training) eager_step_.assign(ops::increment(eager_step_));
  return run(tape);
}

double Metric::operator()(const Array& y_true, const Array& y_pred,
                          const std::optional<Array>& sample_weight) const {
  const Array given = floating(y_pred), p = given.astype(widened(given.dtype()));
  const Tensor weights = sample_weight ? constant(sample_weight->astype(p.dtype())) : Tensor();
  return result(eval(update_state({}, constant(y_true.astype(p.dtype())), constant(p), weights)));
}

// The mean over all but the last axis of x - shift or of its square, in double, part by part.
static Array column_means(const Array& x, const Array& shift, bool squared) {
  constexpr std::int64_t kValues = 1 << 20;
  const std::int64_t samples = std::max<std::int64_t>(1, kValues / (x.size() / x.dim(0)));
  Array sum(shift.shape(), float64);
  for (std::int64_t first = 0; first < x.dim(0); first += samples) {
    const Array part = x.slice(first, std::min(first + samples, x.dim(0))).astype(float64);
    const Tensor t = ops::reshape(constant(part), {-1, x.dim(-1)}) - constant(shift);
    sum = sum + eval(ops::sum(squared ? ops::square(t) : t, {0}));
  }
  return sum / static_cast<double>(x.size() / x.dim(-1));
}

void layers::Normalization::adapt(const Array& data) {
  if (is_given()) {
    throw InvalidArgument(fmt::format("[{}] has mean and variance from its options", name()));
  }
  if (data.rank() < 2 || data.size() == 0) {
    throw InvalidArgument(
        fmt::format("[{}] adapt() expected samples (samples, ..., features), "
                    "received {}",
                    name(), data.shape().str()));
  }
  ensure_built({data.shape()});
  if (mean_.shape()[0] != data.dim(-1)) {
    throw InvalidArgument(fmt::format("[{}] expected data whose last axis is {}, received {}",
                                      name(), mean_.shape()[0], data.shape().str()));
  }
  const Array mean = column_means(data, Array({data.dim(-1)}, float64), false);
  const Array variance = column_means(data, mean, true);
  mean_.assign(mean);
  variance_.assign(variance);
}

namespace activations {

Array linear(const Array& x) { return x; }
Array relu(const Array& x) { return apply(relu, x); }
Array selu(const Array& x) { return apply(selu, x); }
Array elu(const Array& x) { return apply(elu, x); }
Array sigmoid(const Array& x) { return apply(sigmoid, x); }
Array tanh(const Array& x) { return apply(tanh, x); }
Array softmax(const Array& x) { return apply(softmax, x); }
Array softplus(const Array& x) { return apply(softplus, x); }
Array softsign(const Array& x) { return apply(softsign, x); }
Array exponential(const Array& x) { return apply(exponential, x); }
Array gelu(const Array& x) { return apply(gelu, x); }
Array silu(const Array& x) { return apply(silu, x); }
Array leaky_relu(const Array& x) { return apply(leaky_relu, x); }
Array relu6(const Array& x) { return apply(relu6, x); }
Array hard_sigmoid(const Array& x) { return apply(hard_sigmoid, x); }
Array hard_silu(const Array& x) { return apply(hard_silu, x); }
Array hard_tanh(const Array& x) { return apply(hard_tanh, x); }
Array tanh_shrink(const Array& x) { return apply(tanh_shrink, x); }
Array mish(const Array& x) { return apply(mish, x); }
Array log_sigmoid(const Array& x) { return apply(log_sigmoid, x); }
Array log_softmax(const Array& x) { return apply(log_softmax, x); }

}  // namespace activations

namespace losses {

Array categorical_crossentropy(const Array& y_true, const Array& y_pred,
                               const CrossentropyOptions& options) {
  return apply_loss(y_true, y_pred, CategoricalCrossentropy(options));
}
Array sparse_categorical_crossentropy(const Array& y_true, const Array& y_pred,
                                      const CrossentropyOptions& options) {
  return apply_loss(y_true, y_pred, SparseCategoricalCrossentropy(options));
}
Array binary_crossentropy(const Array& y_true, const Array& y_pred,
                          const CrossentropyOptions& options) {
  return apply_loss(y_true, y_pred, BinaryCrossentropy(options));
}
Array binary_focal_crossentropy(const Array& y_true, const Array& y_pred,
                                const BinaryFocalCrossentropyOptions& options) {
  return apply_loss(y_true, y_pred, BinaryFocalCrossentropy(options));
}
Array categorical_focal_crossentropy(const Array& y_true, const Array& y_pred,
                                     const CategoricalFocalCrossentropyOptions& options) {
  return apply_loss(y_true, y_pred, CategoricalFocalCrossentropy(options));
}
Array kl_divergence(const Array& y_true, const Array& y_pred) {
  return apply_loss(y_true, y_pred, KLDivergence());
}
Array poisson(const Array& y_true, const Array& y_pred) {
  return apply_loss(y_true, y_pred, Poisson());
}
Array mean_squared_error(const Array& y_true, const Array& y_pred) {
  return apply_loss(y_true, y_pred, MeanSquaredError());
}
Array mean_absolute_error(const Array& y_true, const Array& y_pred) {
  return apply_loss(y_true, y_pred, MeanAbsoluteError());
}
Array mean_absolute_percentage_error(const Array& y_true, const Array& y_pred) {
  return apply_loss(y_true, y_pred, MeanAbsolutePercentageError());
}
Array mean_squared_logarithmic_error(const Array& y_true, const Array& y_pred) {
  return apply_loss(y_true, y_pred, MeanSquaredLogarithmicError());
}
Array cosine_similarity(const Array& y_true, const Array& y_pred) {
  return apply_loss(y_true, y_pred, CosineSimilarity());
}
Array huber(const Array& y_true, const Array& y_pred, const HuberOptions& options) {
  return apply_loss(y_true, y_pred, Huber(options));
}
Array log_cosh(const Array& y_true, const Array& y_pred) {
  return apply_loss(y_true, y_pred, LogCosh());
}
Array hinge(const Array& y_true, const Array& y_pred) {
  return apply_loss(y_true, y_pred, Hinge());
}
Array squared_hinge(const Array& y_true, const Array& y_pred) {
  return apply_loss(y_true, y_pred, SquaredHinge());
}
Array categorical_hinge(const Array& y_true, const Array& y_pred) {
  return apply_loss(y_true, y_pred, CategoricalHinge());
}

}  // namespace losses
}  // namespace banach
