#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/graph/tape.hpp>
#include <banach/nn/losses.hpp>
#include <banach/nn/metrics.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/softmax.hpp>

#include <algorithm>

namespace banach {
namespace {

struct Row {
  const char* name;
  Tensor (*function)(const Tensor&, const Tensor&);
};

constexpr Row kRows[] = {{"accuracy", metrics::accuracy},
                         {"acc", metrics::accuracy},
                         {"binary_accuracy", metrics::binary_accuracy},
                         {"categorical_accuracy", metrics::categorical_accuracy},
                         {"sparse_categorical_accuracy", metrics::sparse_categorical_accuracy}};

Metric::Function find(const std::string& name) {
  const auto row = std::ranges::find(kRows, name, &Row::name);
  if (row != std::end(kRows)) return row->function;
  const auto losses = losses::names();
  if (std::ranges::find(losses, name) != losses.end()) return Loss(name);
  const auto known = metrics::names();
  throw InvalidArgument("unknown metric '" + name + "'. " + did_you_mean(name, known) +
                        "Known: " + join(known));
}

}  // namespace

Metric::Metric(const std::string& name) : name_(name), function_(find(name)) {}

namespace metrics {

Tensor binary_accuracy(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor targets = ops::reshape(ops::cast(y_true, y_pred.dtype()), y_pred.shape());
  return ops::equal(targets, ops::greater(y_pred, constant(0.5, y_pred.dtype())));
}

Tensor categorical_accuracy(const Tensor& y_true, const Tensor& y_pred) {
  return ops::categorical_match(ops::cast(y_true, y_pred.dtype()), y_pred);
}

Tensor sparse_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred) {
  const Shape rows = y_pred.shape().slice(0, y_pred.rank() - 1);
  return ops::sparse_categorical_match(ops::reshape(ops::cast(y_true, y_pred.dtype()), rows),
                                       y_pred);
}

Tensor accuracy(const Tensor& y_true, const Tensor& y_pred) {
  if (y_pred.dim(-1) == 1) return binary_accuracy(y_true, y_pred);
  const bool sparse = y_true.rank() < y_pred.rank() || y_true.dim(-1) == 1;
  return sparse ? sparse_categorical_accuracy(y_true, y_pred)
                : categorical_accuracy(y_true, y_pred);
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Row& row : kRows) result.emplace_back(row.name);
  for (const std::string& loss : losses::names()) result.push_back(loss);
  return result;
}

}  // namespace metrics
}  // namespace banach
