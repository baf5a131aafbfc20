#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <banach/core/log.hpp>
#include <banach/core/suggest.hpp>
#include <banach/nn/losses.hpp>
#include <banach/nn/serialization.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/softmax.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {
namespace {

constexpr double kEpsilon = 1e-7;  // keras.config.epsilon()

struct Row {
  const char* name;
  const char* short_name;
  const char* class_name;
  Loss::Pointer function;
  bool sparse;
  Loss (*make)(const losses::CrossentropyOptions& options);  // the class with options
};

Loss make_mean_squared_error(const losses::CrossentropyOptions&) {
  return losses::MeanSquaredError();
}
Loss make_mean_absolute_error(const losses::CrossentropyOptions&) {
  return losses::MeanAbsoluteError();
}

constexpr Row kRows[] = {
    {"categorical_crossentropy", "", "CategoricalCrossentropy", losses::categorical_crossentropy,
     false, losses::CategoricalCrossentropy},
    {"sparse_categorical_crossentropy", "", "SparseCategoricalCrossentropy",
     losses::sparse_categorical_crossentropy, true, losses::SparseCategoricalCrossentropy},
    {"binary_crossentropy", "bce", "BinaryCrossentropy", losses::binary_crossentropy, false,
     losses::BinaryCrossentropy},
    {"mean_squared_error", "mse", "MeanSquaredError", losses::mean_squared_error, false,
     make_mean_squared_error},
    {"mean_absolute_error", "mae", "MeanAbsoluteError", losses::mean_absolute_error, false,
     make_mean_absolute_error}};

const Row& find(const std::string& name) {
  for (const Row& row : kRows) {
    const bool is_short = *row.short_name != '\0' && name == row.short_name;
    if (name == row.name || is_short || name == row.class_name) return row;
  }
  const auto known = losses::names();
  throw InvalidArgument("unknown loss '" + name + "'. " + did_you_mean(name, known) +
                        "Known: " + join(known));
}

// The config of a loss object, as Keras lists it.
void describe(Fields& fields, const Row& row, losses::CrossentropyOptions& options) {
  fields.only("name", row.name).only("reduction", "sum_over_batch_size");
  if (row.function == Loss::Pointer(losses::mean_squared_error) ||
      row.function == Loss::Pointer(losses::mean_absolute_error)) {
    return;
  }
  fields("from_logits", options.from_logits);
  if (row.sparse) {
    fields.only("ignore_class", Json());
  } else {
    fields("label_smoothing", options.label_smoothing).only("axis", -1);
  }
}

Json config_of(const std::string& name, losses::CrossentropyOptions options) {
  Fields fields;
  describe(fields, find(name), options);
  return serialized("keras.losses", find(name).class_name, fields.written());
}

using WithOptions = Tensor(const Tensor&, const Tensor&, const losses::CrossentropyOptions&);

template <WithOptions function>
Loss with_options(const std::string& name, const losses::CrossentropyOptions& options) {
  const auto loss = [options](const Tensor& y_true, const Tensor& y_pred) {
    return function(y_true, y_pred, options);
  };
  return {name, loss, find(name).sparse, config_of(name, options)};
}

Tensor clip_probability(const Tensor& p) { return ops::clip(p, kEpsilon, 1 - kEpsilon); }

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

void check_smoothing(const char* loss, double smoothing) {
  if (smoothing >= 0 && smoothing <= 1) return;
  throw InvalidArgument(
      fmt::format("[{}] label_smoothing must be in [0, 1], received {}", loss, smoothing));
}

void check_no_smoothing(const losses::CrossentropyOptions& options) {
  if (options.label_smoothing == 0) return;
  throw InvalidArgument(
      "[sparse_categorical_crossentropy] label_smoothing needs one-hot targets: use "
      "categorical_crossentropy");
}

Tensor smooth(const Tensor& y_true, double smoothing, double floor) {
  return smoothing == 0 ? y_true : y_true * (1 - smoothing) + smoothing * floor;
}

// y_true as y_pred is; (batch,) and (batch, 1) match each other (losses/loss.py).
Tensor matching(const char* name, const Tensor& y_true, const Tensor& y_pred) {
  const Shape &expected = y_pred.shape(), &received = y_true.shape();
  const bool fits =
      received == expected || received.concat({1}) == expected || received == expected.concat({1});
  if (!fits) {
    throw InvalidArgument(
        fmt::format("[{}] expected y_true and y_pred of one shape, received {} and {}", name,
                    y_true.shape().str(), y_pred.shape().str()));
  }
  const Tensor targets = ops::cast(y_true, y_pred.dtype());
  return targets.shape() == y_pred.shape() ? targets : ops::reshape(targets, y_pred.shape());
}

// Class numbers (batch,) out of (batch,) or (batch, 1).
Tensor class_numbers(const Tensor& y_true, const Tensor& y_pred) {
  const Tensor labels = ops::cast(y_true, y_pred.dtype());
  const bool column = labels.rank() == y_pred.rank() && labels.dim(-1) == 1;
  return column ? ops::reshape(labels, labels.shape().slice(0, labels.rank() - 1)) : labels;
}

}  // namespace

Loss::Loss(const std::string& name)
    : Loss(find(name).name, find(name).function, find(name).sparse, find(name).name) {}

Loss::Loss(Pointer function) : name_("custom"), function_(function) {
  const auto row = std::ranges::find(kRows, function, &Row::function);
  if (row == std::end(kRows)) return;
  *this = Loss(std::string(row->name));
}

Json to_json(const Loss& loss) {
  if (!loss.config().is_null()) return loss.config();
  throw NotSupported("the loss '" + loss.name() +
                     "' is a function of your own and cannot be saved: compile the loaded model "
                     "with it");
}

void from_json(const Json& json, Loss& loss) {
  const SerializedObject object = parse_serialized(json, "a loss");
  const Row& row = find(object.class_name);
  if (object.class_name != row.class_name) {
    loss = Loss(object.class_name);
    return;
  }
  losses::CrossentropyOptions options;
  Json config = object.config;
  config["name"] = row.name;  // another name changes no value
  Fields fields(config, row.class_name);
  describe(fields, row, options);
  loss = row.make(options);
}

namespace losses {

Tensor categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred) {
  return categorical_crossentropy(y_true, y_pred, CrossentropyOptions{});
}

Tensor categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                const CrossentropyOptions& options) {
  check_smoothing("categorical_crossentropy", options.label_smoothing);
  if (y_true.shape() != y_pred.shape()) {
    throw InvalidArgument(fmt::format(
        "[categorical_crossentropy] expected y_true and y_pred of one shape, received {} and {}. "
        "Make y_true with utils::to_categorical, or use sparse_categorical_crossentropy for class "
        "numbers.",
        y_true.shape().str(), y_pred.shape().str()));
  }
  const Tensor targets = smooth(ops::cast(y_true, y_pred.dtype()), options.label_smoothing,
                                1.0 / static_cast<double>(y_pred.dim(-1)));
  const Tensor logits =
      find_logits<SoftmaxOp>("categorical_crossentropy", "softmax", y_pred, options.from_logits);
  if (logits) return ops::softmax_crossentropy(targets, logits);
  const Tensor p = clip_probability(y_pred / ops::sum(y_pred, {-1}, true));
  return ops::negative(ops::sum(targets * ops::log(p), {-1}));
}

Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred) {
  return sparse_categorical_crossentropy(y_true, y_pred, CrossentropyOptions{});
}

Tensor sparse_categorical_crossentropy(const Tensor& y_true, const Tensor& y_pred,
                                       const CrossentropyOptions& options) {
  check_no_smoothing(options);
  const Tensor labels = class_numbers(y_true, y_pred);
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
  check_smoothing("binary_crossentropy", options.label_smoothing);
  const Tensor z =
      smooth(matching("binary_crossentropy", y_true, y_pred), options.label_smoothing, 0.5);
  const Tensor x = find_logits<UnaryOp<functions::Sigmoid>>("binary_crossentropy", "sigmoid",
                                                            y_pred, options.from_logits);
  // from logits: log(1 + e^x) - x z, which never overflows
  if (x) return ops::mean(ops::unary<functions::Softplus>(x) - x * z, {-1});
  const Tensor p = clip_probability(y_pred);
  return ops::mean(-(z * ops::log(p) + (1.0 - z) * ops::log(1.0 - p)), {-1});
}

Tensor mean_squared_error(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::square(y_pred - matching("mean_squared_error", y_true, y_pred)), {-1});
}

Tensor mean_absolute_error(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::absolute(y_pred - matching("mean_absolute_error", y_true, y_pred)), {-1});
}

Loss CategoricalCrossentropy(const CrossentropyOptions& options) {
  check_smoothing("categorical_crossentropy", options.label_smoothing);
  return with_options<categorical_crossentropy>("categorical_crossentropy", options);
}
Loss SparseCategoricalCrossentropy(const CrossentropyOptions& options) {
  check_no_smoothing(options);
  return with_options<sparse_categorical_crossentropy>("sparse_categorical_crossentropy", options);
}
Loss BinaryCrossentropy(const CrossentropyOptions& options) {
  check_smoothing("binary_crossentropy", options.label_smoothing);
  return with_options<binary_crossentropy>("binary_crossentropy", options);
}
Loss MeanSquaredError() {
  return {"mean_squared_error", Loss::Pointer(mean_squared_error), false,
          config_of("mean_squared_error", {})};
}
Loss MeanAbsoluteError() {
  return {"mean_absolute_error", Loss::Pointer(mean_absolute_error), false,
          config_of("mean_absolute_error", {})};
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Row& row : kRows) {
    result.emplace_back(row.name);
    if (*row.short_name != '\0') result.emplace_back(row.short_name);
  }
  return result;
}

}  // namespace losses
}  // namespace banach
