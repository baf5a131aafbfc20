#include <banach/core/errors.hpp>
#include <banach/core/log.hpp>
#include <banach/nn/activations.hpp>
#include <banach/nn/loss_inputs.hpp>
#include <banach/nn/losses.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/softmax.hpp>

#include <fmt/format.h>

namespace banach::losses {
namespace {

Tensor clip_probability(const Tensor& p) {
  return ops::clip(p, config::epsilon(), 1 - config::epsilon());
}

// Probabilities whose sum along the last axis is 1.
Tensor normalised(const Tensor& p) { return clip_probability(p / ops::sum(p, {-1}, true)); }

// The scores behind a softmax or sigmoid, in the dtype of y_pred; empty when y_pred is neither.
template <class ActivationOp>
Tensor logits_of(const Tensor& y_pred) {
  Tensor output = y_pred;
  while (op_cast<CastOp>(output.node())) output = Tensor(output.node().inputs[0]);
  if (!op_cast<ActivationOp>(output.node())) return {};
  return cast(output.node().inputs[0], y_pred.dtype());
}

// What to take as logits, empty to take y_pred as probabilities. As in Keras, from_logits warns
// behind an activation and takes its scores all the same.
template <class ActivationOp>
Tensor find_logits(const char* loss, const char* activation, const Tensor& y_pred,
                   bool from_logits) {
  const Tensor logits = logits_of<ActivationOp>(y_pred);
  if (logits && from_logits) {
    warn(
        fmt::format("{} received from_logits=true, but y_pred is the output of a {} and so holds "
                    "no logits. Was this intended?",
                    loss, activation));
  }
  return logits || !from_logits ? logits : y_pred;
}

// y_true (1 - smoothing) + smoothing floor.
Tensor smooth(const Tensor& y_true, double smoothing, double floor) {
  return smoothing == 0 ? y_true : y_true * (1 - smoothing) + smoothing * floor;
}

// y_true as y_pred is, some of each sample's weight given to all classes.
Tensor one_hot_targets(const char* loss, const Tensor& y_true, const Tensor& y_pred,
                       double label_smoothing) {
  if (y_true.shape() != y_pred.shape()) {
    throw InvalidArgument(fmt::format(
        "[{}] expected y_true and y_pred of one shape, received {} and {}. Make y_true with "
        "utils::to_categorical, or use sparse_categorical_crossentropy for class numbers.",
        loss, y_true.shape().str(), y_pred.shape().str()));
  }
  detail::check_fraction(loss, "label_smoothing", label_smoothing);
  return smooth(ops::cast(y_true, y_pred.dtype()), label_smoothing,
                1.0 / static_cast<double>(y_pred.dim(-1)));
}

Tensor binary_targets(const char* loss, const Tensor& y_true, const Tensor& y_pred,
                      double label_smoothing) {
  detail::check_fraction(loss, "label_smoothing", label_smoothing);
  return smooth(detail::matching(loss, y_true, y_pred), label_smoothing, 0.5);
}

// -z log p - (1 - z) log(1 - p), for each element; behind sigmoid on its logits.
Tensor binary_crossentropies(const Tensor& z, const Tensor& y_pred, bool from_logits) {
  const Tensor x = find_logits<UnaryOp<functions::Sigmoid>>("binary_crossentropy", "sigmoid",
                                                            y_pred, from_logits);
  // from logits: log(1 + e^x) - x z, which never overflows
  if (x) return ops::unary<functions::Softplus>(x) - x * z;
  const Tensor p = clip_probability(y_pred);
  return -(z * ops::log(p) + (1.0 - z) * ops::log(1.0 - p));
}

}  // namespace

Tensor categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred) {
  return categorical_crossentropy(y_true, y_pred, CrossentropyOptions{});
}

Tensor categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                const CrossentropyOptions& options) {
  const Tensor targets =
      one_hot_targets("categorical_crossentropy", y_true, y_pred, options.label_smoothing);
  const Tensor logits =
      find_logits<SoftmaxOp>("categorical_crossentropy", "softmax", y_pred, options.from_logits);
  if (logits) return ops::softmax_crossentropy(targets, logits);
  const Tensor p = normalised(y_pred);
  return ops::negative(ops::sum(targets * ops::log(p), {-1}));
}

Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred) {
  return sparse_categorical_crossentropy(y_true, y_pred, CrossentropyOptions{});
}

Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                       const CrossentropyOptions& options) {
  detail::check_no_smoothing(options);
  const Tensor labels = detail::class_numbers("sparse_categorical_crossentropy", y_true, y_pred);
  const Tensor logits = find_logits<SoftmaxOp>("sparse_categorical_crossentropy", "softmax", y_pred,
                                               options.from_logits);
  if (logits) return ops::sparse_softmax_crossentropy(labels, logits);
  return ops::sparse_softmax_crossentropy(labels, ops::log(clip_probability(y_pred)));
}

Tensor binary_crossentropy(const Tensor& y_true, const Tensor& y_pred) {
  return binary_crossentropy(y_true, y_pred, CrossentropyOptions{});
}

Tensor binary_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                           const CrossentropyOptions& options) {
  const Tensor z = binary_targets("binary_crossentropy", y_true, y_pred, options.label_smoothing);
  return ops::mean(binary_crossentropies(z, y_pred, options.from_logits), {-1});
}

Tensor binary_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred) {
  return binary_focal_crossentropy(y_true, y_pred, {});
}

Tensor binary_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                 const BinaryFocalCrossentropyOptions& options) {
  const Tensor z =
      binary_targets("binary_focal_crossentropy", y_true, y_pred, options.label_smoothing);
  const Tensor p = options.from_logits ? activations::sigmoid(y_pred) : y_pred;
  const Tensor p_t = z * p + (1.0 - z) * (1.0 - p);
  Tensor values = ops::power(1.0 - p_t, options.gamma) * binary_crossentropies(z, p, false);
  if (options.apply_class_balancing) {
    values = (z * options.alpha + (1.0 - z) * (1 - options.alpha)) * values;
  }
  return ops::mean(values, {-1});
}

Tensor categorical_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred) {
  return categorical_focal_crossentropy(y_true, y_pred, {});
}

Tensor categorical_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                      const CategoricalFocalCrossentropyOptions& options) {
  const Tensor targets =
      one_hot_targets("categorical_focal_crossentropy", y_true, y_pred, options.label_smoothing);
  const Tensor p = normalised(options.from_logits ? activations::softmax(y_pred) : y_pred);
  const Tensor crossentropies = ops::negative(targets * ops::log(p));
  return ops::sum(ops::power(1.0 - p, options.gamma) * options.alpha * crossentropies, {-1});
}

Tensor kl_divergence(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor y =
      ops::clip(detail::matching("kl_divergence", y_true, y_pred), config::epsilon(), 1);
  return ops::sum(y * ops::log(y / ops::clip(y_pred, config::epsilon(), 1)), {-1});
}

Tensor poisson(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor y = detail::matching("poisson", y_true, y_pred);
  return ops::mean(y_pred - y * ops::log(y_pred + config::epsilon()), {-1});
}

}  // namespace banach::losses
