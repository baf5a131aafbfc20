#include <banach/nn/activations.hpp>
#include <banach/nn/loss_inputs.hpp>
#include <banach/nn/losses.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>

#include <numbers>

namespace banach::losses {
namespace {

// p - y.
Tensor error(const char* loss, const Tensor& y_true, const Tensor& y_pred) {
  return y_pred - detail::matching(loss, y_true, y_pred);
}

// x / |x| along the last axis (keras.ops.normalize).
Tensor normalize(const Tensor& x) {
  const Tensor inverse = ops::rsqrt(ops::sum(ops::square(x), {-1}, true));
  return x * ops::minimum(inverse, 1 / config::epsilon());
}

}  // namespace

Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::square(error("mean_squared_error", y_true, y_pred)), {-1});
}

Tensor mean_absolute_error(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::absolute(error("mean_absolute_error", y_true, y_pred)), {-1});
}

Tensor mean_absolute_percentage_error(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor y = detail::matching("mean_absolute_percentage_error", y_true, y_pred);
  const Tensor size = ops::maximum(ops::absolute(y), config::epsilon());
  return ops::mean(ops::absolute((y - y_pred) / size), {-1}) * 100;
}

Tensor mean_squared_logarithmic_error(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor y = detail::matching("mean_squared_logarithmic_error", y_true, y_pred);
  const auto log_1p = [](const Tensor& x) {
    return ops::log(ops::maximum(x, config::epsilon()) + 1.0);
  };
  return ops::mean(ops::square(log_1p(y_pred) - log_1p(y)), {-1});
}

Tensor cosine_similarity(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor y = detail::matching("cosine_similarity", y_true, y_pred);
  return ops::negative(ops::sum(normalize(y) * normalize(y_pred), {-1}));
}

Tensor huber(const Tensor& y_true, const Tensor& y_pred) { return huber(y_true, y_pred, {}); }

Tensor huber(const Tensor& y_true, const Tensor& y_pred, const HuberOptions& options) {
  const Tensor size = ops::absolute(error("huber", y_true, y_pred));
  const Tensor bounded = ops::minimum(size, options.delta);
  return ops::mean(bounded * (size - bounded * 0.5), {-1});
}

Tensor log_cosh(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor x = error("log_cosh", y_true, y_pred);
  return ops::mean(x + activations::softplus(x * -2.0) - std::numbers::ln2, {-1});
}

}  // namespace banach::losses
