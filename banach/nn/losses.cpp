#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <banach/core/suggest.hpp>
#include <banach/nn/loss_inputs.hpp>
#include <banach/nn/losses.hpp>
#include <banach/nn/serialization.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/shape.hpp>

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace banach {
namespace {

struct Row {
  const char* name;  // of the function
  const char* short_name;
  const char* class_name;
  Loss::Pointer function;
  Loss (*read)(Fields& fields);  // the object that a config describes
  bool sparse = false;
};

template <Loss (*make)()>
Loss read(Fields&) {
  return make();
}
template <class Options, Loss (*make)(const Options&)>
Loss read(Fields& fields);

using losses::BinaryFocalCrossentropyOptions, losses::CategoricalFocalCrossentropyOptions,
    losses::CrossentropyOptions, losses::HuberOptions;

constexpr Row kRows[] = {
    {"categorical_crossentropy", "", "CategoricalCrossentropy", losses::categorical_crossentropy,
     read<CrossentropyOptions, losses::CategoricalCrossentropy>},
    {"sparse_categorical_crossentropy", "", "SparseCategoricalCrossentropy",
     losses::sparse_categorical_crossentropy,
     read<CrossentropyOptions, losses::SparseCategoricalCrossentropy>, true},
    {"binary_crossentropy", "bce", "BinaryCrossentropy", losses::binary_crossentropy,
     read<CrossentropyOptions, losses::BinaryCrossentropy>},
    {"binary_focal_crossentropy", "", "BinaryFocalCrossentropy", losses::binary_focal_crossentropy,
     read<BinaryFocalCrossentropyOptions, losses::BinaryFocalCrossentropy>},
    {"categorical_focal_crossentropy", "", "CategoricalFocalCrossentropy",
     losses::categorical_focal_crossentropy,
     read<CategoricalFocalCrossentropyOptions, losses::CategoricalFocalCrossentropy>},
    {"kl_divergence", "kld", "KLDivergence", losses::kl_divergence, read<losses::KLDivergence>},
    {"poisson", "", "Poisson", losses::poisson, read<losses::Poisson>},
    {"mean_squared_error", "mse", "MeanSquaredError", losses::mean_squared_error,
     read<losses::MeanSquaredError>},
    {"mean_absolute_error", "mae", "MeanAbsoluteError", losses::mean_absolute_error,
     read<losses::MeanAbsoluteError>},
    {"mean_absolute_percentage_error", "mape", "MeanAbsolutePercentageError",
     losses::mean_absolute_percentage_error, read<losses::MeanAbsolutePercentageError>},
    {"mean_squared_logarithmic_error", "msle", "MeanSquaredLogarithmicError",
     losses::mean_squared_logarithmic_error, read<losses::MeanSquaredLogarithmicError>},
    {"cosine_similarity", "", "CosineSimilarity", losses::cosine_similarity,
     read<losses::CosineSimilarity>},
    {"huber", "", "Huber", losses::huber, read<HuberOptions, losses::Huber>},
    {"log_cosh", "", "LogCosh", losses::log_cosh, read<losses::LogCosh>},
    {"hinge", "", "Hinge", losses::hinge, read<losses::Hinge>},
    {"squared_hinge", "", "SquaredHinge", losses::squared_hinge, read<losses::SquaredHinge>},
    {"categorical_hinge", "", "CategoricalHinge", losses::categorical_hinge,
     read<losses::CategoricalHinge>}};

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

const Row& find(const std::string& name) {
  for (const Row& row : kRows) {
    const bool is_short = *row.short_name != '\0' && lower_case(name) == row.short_name;
    if (name == row.name || is_short || name == row.class_name) return row;
  }
  const auto known = losses::names();
  throw InvalidArgument("unknown loss '" + name + "'. " + did_you_mean(name, known) +
                        "Known: " + join(known));
}

// The arguments of each class, under Keras' names and in its order.
void describe(Fields& fields, const Row& row, CrossentropyOptions& o) {
  fields("from_logits", o.from_logits);
  if (row.sparse) {
    fields.only("ignore_class", Json());
  } else {
    fields("label_smoothing", o.label_smoothing).only("axis", -1);
  }
}
void describe(Fields& fields, const Row&, BinaryFocalCrossentropyOptions& o) {
  fields("from_logits", o.from_logits)("label_smoothing", o.label_smoothing).only("axis", -1);
  fields("apply_class_balancing", o.apply_class_balancing)("alpha", o.alpha)("gamma", o.gamma);
}
void describe(Fields& fields, const Row&, CategoricalFocalCrossentropyOptions& o) {
  fields("from_logits", o.from_logits)("label_smoothing", o.label_smoothing).only("axis", -1);
  fields("alpha", o.alpha)("gamma", o.gamma);
}
void describe(Fields& fields, const Row&, HuberOptions& o) { fields("delta", o.delta); }

// What every config begins with.
Fields& describe_common(Fields& fields, const Row& row) {
  return fields.only("name", row.name).only("reduction", "sum_over_batch_size");
}

template <class Options, Loss (*make)(const Options&)>
Loss read(Fields& fields) {
  Options options;
  describe(fields, find(fields.where()), options);
  return make(options);
}

Loss without_options(const char* class_name) {
  const Row& row = find(class_name);
  Fields fields;
  describe_common(fields, row);
  return {row.name, row.function, row.sparse,
          serialized("keras.losses", class_name, fields.written())};
}

template <class Options>
Loss with_options(const char* class_name, Options options,
                  Tensor (*function)(const Tensor&, const Tensor&, const Options&)) {
  const Row& row = find(class_name);
  Fields fields;
  describe(describe_common(fields, row), row, options);
  const auto loss = [=](const Tensor& y_true, const Tensor& y_pred) {
    return function(y_true, y_pred, options);
  };
  return {row.name, loss, row.sparse, serialized("keras.losses", class_name, fields.written())};
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
  Json config = object.config;
  config["name"] = row.name;  // another name changes no value
  Fields fields(config, row.class_name);
  describe_common(fields, row);
  loss = row.read(fields);
}

namespace losses {

Loss CategoricalCrossentropy(const CrossentropyOptions& options) {
  detail::check_fraction("categorical_crossentropy", "label_smoothing", options.label_smoothing);
  return with_options("CategoricalCrossentropy", options, categorical_crossentropy);
}
Loss SparseCategoricalCrossentropy(const CrossentropyOptions& options) {
  detail::check_no_smoothing(options);
  return with_options("SparseCategoricalCrossentropy", options, sparse_categorical_crossentropy);
}
Loss BinaryCrossentropy(const CrossentropyOptions& options) {
  detail::check_fraction("binary_crossentropy", "label_smoothing", options.label_smoothing);
  return with_options("BinaryCrossentropy", options, binary_crossentropy);
}
Loss BinaryFocalCrossentropy(const BinaryFocalCrossentropyOptions& options) {
  detail::check_fraction("binary_focal_crossentropy", "label_smoothing", options.label_smoothing);
  detail::check_fraction("binary_focal_crossentropy", "alpha", options.alpha);
  return with_options("BinaryFocalCrossentropy", options, binary_focal_crossentropy);
}
Loss CategoricalFocalCrossentropy(const CategoricalFocalCrossentropyOptions& options) {
  detail::check_fraction("categorical_focal_crossentropy", "label_smoothing",
                         options.label_smoothing);
  return with_options("CategoricalFocalCrossentropy", options, categorical_focal_crossentropy);
}
Loss KLDivergence() { return without_options("KLDivergence"); }
Loss Poisson() { return without_options("Poisson"); }
Loss MeanSquaredError() { return without_options("MeanSquaredError"); }
Loss MeanAbsoluteError() { return without_options("MeanAbsoluteError"); }
Loss MeanAbsolutePercentageError() { return without_options("MeanAbsolutePercentageError"); }
Loss MeanSquaredLogarithmicError() { return without_options("MeanSquaredLogarithmicError"); }
Loss CosineSimilarity() { return without_options("CosineSimilarity"); }
Loss Huber(const HuberOptions& options) {
  if (!(options.delta > 0)) {
    throw InvalidArgument(
        fmt::format("[huber] delta must be positive, received {}", options.delta));
  }
  return with_options("Huber", options, huber);
}
Loss LogCosh() { return without_options("LogCosh"); }
Loss Hinge() { return without_options("Hinge"); }
Loss SquaredHinge() { return without_options("SquaredHinge"); }
Loss CategoricalHinge() { return without_options("CategoricalHinge"); }

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Row& row : kRows) {
    result.emplace_back(row.name);
    if (*row.short_name != '\0') result.emplace_back(row.short_name);
  }
  return result;
}

namespace detail {

Tensor with_rank_of(const Tensor& y_pred, const Tensor& y_true) {
  const Shape &expected = y_pred.shape(), &received = y_true.shape();
  const bool fits = received.concat({1}) == expected || received == expected.concat({1});
  return fits ? ops::reshape(y_true, expected) : y_true;
}

Tensor matching(std::string_view name, const Tensor& y_true, const Tensor& y_pred) {
  const Tensor targets = with_rank_of(y_pred, y_true);
  if (targets.shape() == y_pred.shape()) return ops::cast(targets, y_pred.dtype());
  throw InvalidArgument(
      fmt::format("[{}] expected y_true and y_pred of one shape, received {} and {}", name,
                  y_true.shape().str(), y_pred.shape().str()));
}

Tensor class_numbers(std::string_view name, const Tensor& y_true, const Tensor& y_pred) {
  const Shape expected = y_pred.shape().slice(0, y_pred.rank() - 1), &received = y_true.shape();
  if (received != expected && received != expected.concat({1})) {
    throw InvalidArgument(fmt::format(
        "[{}] expected class numbers of shape {} for predictions {}, received {}. For one-hot "
        "targets there is categorical_{}",
        name, expected.str(), y_pred.shape().str(), received.str(),
        name.substr(name.rfind('_') + 1)));
  }
  const Tensor labels = ops::cast(y_true, y_pred.dtype());
  return received == expected ? labels : ops::reshape(labels, expected);
}

void check_fraction(const char* loss, const char* option, double value) {
  if (value >= 0 && value <= 1) return;
  throw InvalidArgument(fmt::format("[{}] {} must be in [0, 1], received {}", loss, option, value));
}

void check_no_smoothing(const CrossentropyOptions& options) {
  if (options.label_smoothing == 0) return;
  throw InvalidArgument(
      "[sparse_categorical_crossentropy] label_smoothing needs one-hot targets: use "
      "categorical_crossentropy");
}

}  // namespace detail
}  // namespace losses
}  // namespace banach
