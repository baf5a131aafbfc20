#include <banach/nn/loss_inputs.hpp>
#include <banach/nn/losses.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>

namespace banach::losses {
namespace {

// 2 y - 1 if every y is 0 or 1, else y (convert_binary_labels_to_hinge).
Tensor signs(const Tensor& y) {
  const Tensor zeros = ops::equal(y, 0);
  const Tensor ones = ops::equal(y, 1);
  const Tensor is_binary = 1.0 - ops::max(1.0 - zeros - ones);
  return y * (is_binary + 1.0) - is_binary;
}

// Not by relu, whose slope at 0 is 0: here it is 1, as in Keras.
Tensor margins(const char* loss, const Tensor& y_true, const Tensor& y_pred) {
  const Tensor x = 1.0 - signs(detail::matching(loss, y_true, y_pred)) * y_pred;
  return ops::maximum(x, 0);
}

}  // namespace

Tensor hinge(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(margins("hinge", y_true, y_pred), {-1});
}

Tensor squared_hinge(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::square(margins("squared_hinge", y_true, y_pred)), {-1});
}

Tensor categorical_hinge(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor y = detail::matching("categorical_hinge", y_true, y_pred);
  const Tensor best_of_others = ops::max((1.0 - y) * y_pred, {-1});
  return ops::maximum(best_of_others - ops::sum(y * y_pred, {-1}) + 1.0, 0);
}

}  // namespace banach::losses
