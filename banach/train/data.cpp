#include <banach/core/errors.hpp>
#include <banach/train/data.hpp>

#include <cmath>
#include <fmt/format.h>

namespace banach {
namespace {

// Position of the first value that `bad` says yes to, or -1.
template <class Bad>
std::int64_t find_value(const Array& array, const Bad& bad) {
  return visit_dtype(array.dtype(), [&]<class T>() -> std::int64_t {
    const auto values = array.values<T>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (bad(static_cast<double>(values[i]))) return static_cast<std::int64_t>(i);
    }
    return -1;
  });
}

void check_targets(const Model& model, const Array& y, const std::string& where) {
  const std::int64_t nan = find_value(y, [](double v) { return std::isnan(v); });
  if (nan >= 0) {
    throw InvalidArgument(fmt::format("[{}] y holds NaN, first at sample {}: clean the targets",
                                      where, nan / (y.size() / y.dim(0))));
  }
  const std::vector<Shape> shapes = model.layer_output_shapes();
  if (!model.compile_options().loss.is_sparse() || shapes.empty()) return;
  const std::int64_t classes = shapes.back()[-1];
  const std::int64_t bad = find_value(y, [&](double v) {
    return v < 0 || v >= static_cast<double>(classes) || v != std::floor(v);
  });
  if (bad >= 0) {
    throw InvalidArgument(fmt::format(
        "[{}] class {} of sample {} is outside [0, {}): the model gives {} classes. Give the last "
        "layer more units, or correct the targets.",
        where, y.flat(bad), bad, classes, classes));
  }
}

std::int64_t class_of(const Array& y, std::int64_t sample) {
  const std::int64_t width = y.size() / y.dim(0);
  if (width == 1) return static_cast<std::int64_t>(y.flat(sample));
  std::int64_t best = 0;
  for (std::int64_t j = 1; j < width; ++j) {
    if (y.flat(sample * width + j) > y.flat(sample * width + best)) best = j;
  }
  return best;
}

Array weights_of_classes(const Array& y, const std::map<std::int64_t, double>& class_weight) {
  Array weights({y.dim(0)}, float64);
  auto values = weights.mutable_values<double>();
  for (std::int64_t i = 0; i < y.dim(0); ++i) {
    const auto found = class_weight.find(class_of(y, i));
    values[i] = found == class_weight.end() ? 1.0 : found->second;
  }
  return weights;
}

Data slice(const Data& data, std::int64_t begin, std::int64_t end) {
  Data result{data.x.slice(begin, end), data.y.slice(begin, end), std::nullopt};
  if (data.weights) result.weights = data.weights->slice(begin, end);
  return result;
}

TrainingData split(const Data& data, double validation_split) {
  if (!(validation_split > 0 && validation_split < 1)) {
    throw InvalidArgument(
        fmt::format("[fit] validation_split must be in [0, 1), received {}", validation_split));
  }
  const std::int64_t n = data.size();
  const auto cut =
      static_cast<std::int64_t>(std::floor(static_cast<double>(n) * (1.0 - validation_split)));
  if (cut <= 0 || cut >= n) {
    throw InvalidArgument(fmt::format(
        "[fit] training data contains {} samples, which is not sufficient to split it into a "
        "validation and training set as specified by validation_split={}. Either provide more "
        "data, or a different value for validation_split.",
        n, validation_split));
  }
  return {slice(data, 0, cut), slice(data, cut, n)};
}

}  // namespace

void check_batch_size(std::int64_t batch_size, const std::string& where) {
  if (batch_size < 1) {
    throw InvalidArgument(
        fmt::format("[{}] batch_size must be at least 1, received {}", where, batch_size));
  }
}

void check_input(const Model& model, const Array& x, const std::string& where) {
  if (x.rank() == 0 || x.size() == 0) {
    throw InvalidArgument(fmt::format("[{}] expected at least one sample, received x of shape {}",
                                      where, x.shape().str()));
  }
  const std::optional<Shape> expected = model.model_input_shape();
  if (!expected || x.shape().with(0, kUnknown) == *expected) return;
  std::string hint;
  if (x.rank() + 1 == expected->rank() && (*expected)[-1] == 1) {
    hint = " Add a channel axis with reshape().";
  } else if (x.rank() + 1 == expected->rank()) {
    hint = " A single sample still needs a batch axis: reshape() it to a batch of 1.";
  }
  throw InvalidArgument(fmt::format("[{}] {} expected x of shape {}, received {}.{}", where,
                                    model.name(), expected->str(), x.shape().str(), hint));
}

void check_data(const Model& model, const Data& data, const std::string& where) {
  check_input(model, data.x, where);
  if (data.y.rank() == 0 || data.y.dim(0) != data.x.dim(0)) {
    throw InvalidArgument(fmt::format(
        "[{}] x and y must have the same number of samples, received x of shape {} and y of {}",
        where, data.x.shape().str(), data.y.shape().str()));
  }
  if (data.weights && data.weights->shape() != Shape{data.size()}) {
    throw InvalidArgument(fmt::format("[{}] sample_weight must have shape ({},), received {}",
                                      where, data.size(), data.weights->shape().str()));
  }
  check_targets(model, data.y, where);
}

TrainingData prepare_data(const Array& x, const Array& y, const FitOptions& options) {
  Data data{x, y, options.sample_weight};
  if (!options.class_weight.empty()) {
    if (data.weights) {
      throw InvalidArgument(
          "[fit] class_weight and sample_weight cannot be used together: multiply the class "
          "weights into sample_weight");
    }
    data.weights = weights_of_classes(y, options.class_weight);
  }
  if (options.validation_data) {
    return {data, Data{options.validation_data->first, options.validation_data->second, {}}};
  }
  if (options.validation_split != 0) return split(data, options.validation_split);
  return {data, std::nullopt};
}

}  // namespace banach
