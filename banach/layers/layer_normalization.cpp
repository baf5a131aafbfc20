#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/layers/layer_normalization.hpp>
#include <banach/ops/normalization.hpp>
#include <banach/ops/shape.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace banach::layers {
namespace {

// A weight as a row, or a row of this number where the layer has none.
Tensor row_of(const Variable& weight, bool exists, double otherwise, std::int64_t columns,
              DType dtype) {
  return exists ? ops::reshape(weight, {columns})
                : constant(Array::full({columns}, otherwise, dtype));
}

}  // namespace

LayerNormalization::LayerNormalization(LayerNormalizationOptions options)
    : LayerOf(common(options)), options_(std::move(options)) {
  check();
}

void LayerNormalization::check() const {
  if (!(options_.epsilon > 0) || options_.axis.empty()) {
    throw InvalidArgument(fmt::format(
        "[LayerNormalization] expected epsilon > 0 and at least one axis, received epsilon={} "
        "axis={}",
        options_.epsilon, options_.axis));
  }
}

void LayerNormalization::describe(Fields& fields) {
  Json axis = to_json(options_.axis);
  fields("axis", axis)("epsilon", options_.epsilon);
  fields("center", options_.center)("scale", options_.scale).only("rms_scaling", false);
  fields("beta_initializer", options_.beta_initializer);
  fields("gamma_initializer", options_.gamma_initializer);
  fields("beta_regularizer", options_.beta_regularizer);
  fields("gamma_regularizer", options_.gamma_regularizer);
  fields("beta_constraint", options_.beta_constraint);
  fields("gamma_constraint", options_.gamma_constraint);
  if (!fields.reading()) return;
  if (axis.is_list()) {
    from_json(axis, options_.axis);
  } else {
    options_.axis = {static_cast<int>(axis.as_int())};
  }
  check();
}

Shape LayerNormalization::normalized_shape(const Shape& input_shape) const {
  std::vector<int> axes = options_.axis;
  for (int& axis : axes) axis = input_shape.normalize(axis);
  std::ranges::sort(axes);
  const int first = input_shape.rank() - static_cast<int>(axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (first < 1 || axes[i] != first + static_cast<int>(i)) {
      throw NotSupported(fmt::format(
          "[{}] expected axis to be the last axes of an input {}, received {}. Use Permute around "
          "it.",
          name(), input_shape.str(), options_.axis));
    }
  }
  return input_shape.slice(first, input_shape.rank());
}

void LayerNormalization::build(const Shape& input_shape) {
  const Shape shape = normalized_shape(input_shape);
  if (!shape.is_known()) {
    throw InvalidArgument(fmt::format("[{}] expected known sizes of axis {}, received {}", name(),
                                      options_.axis, input_shape.str()));
  }
  const LayerNormalizationOptions& o = options_;
  if (o.scale) {
    add_weight(gamma_, "gamma", shape, o.gamma_initializer, true, o.gamma_regularizer,
               o.gamma_constraint);
  }
  if (o.center) {
    add_weight(beta_, "beta", shape, o.beta_initializer, true, o.beta_regularizer,
               o.beta_constraint);
  }
}

Tensor LayerNormalization::call(const Tensor& x, const CallContext&) {
  const Shape normalized = normalized_shape(x.shape());
  const Variable& weight = options_.scale ? gamma_ : beta_;
  if ((options_.scale || options_.center) && weight.shape() != normalized) {
    throw InvalidArgument(fmt::format("[{}] expected an input whose last axes are {}, received {}",
                                      name(), weight.shape().str(),
                                      x.shape().with(0, kUnknown).str()));
  }
  // as in Keras: moments need float32's precision
  const DType dtype = widened(compute_dtype());
  const AutocastScope autocast(dtype);
  const std::int64_t columns = normalized.size();
  const Tensor rows = ops::reshape(cast(x, dtype), {-1, columns});
  const Tensor y =
      ops::layer_norm(rows, row_of(gamma_, options_.scale, 1, columns, dtype),
                      row_of(beta_, options_.center, 0, columns, dtype), options_.epsilon);
  return cast(ops::reshape(y, x.shape()), compute_dtype());
}

}  // namespace banach::layers
