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

// The name of an array in messages: "y", with several "y 'age'".
std::string label(const char* what, const std::vector<std::string>& names, std::size_t i) {
  return names.size() == 1 ? std::string(what) : fmt::format("{} '{}'", what, names[i]);
}

void check_no_nan(const Array& y, const std::string& where, const std::string& what) {
  const std::int64_t nan = find_value(y, [](double v) { return std::isnan(v); });
  if (nan < 0) return;
  throw InvalidArgument(fmt::format("[{}] {} holds NaN, first at sample {}: clean the targets",
                                    where, what, nan / (y.size() / y.dim(0))));
}

void check_classes(const Array& y, std::int64_t classes, const std::string& where) {
  const std::int64_t bad = find_value(y, [&](double v) {
    return v < 0 || v >= static_cast<double>(classes) || v != std::floor(v);
  });
  if (bad < 0) return;
  throw InvalidArgument(fmt::format(
      "[{}] class {} of sample {} is outside [0, {}): the model gives {} classes. Give the last "
      "layer more units, or correct the targets.",
      where, y.flat(bad), bad, classes, classes));
}

void check_targets(const Model& model, const Data& data, const std::string& where) {
  const std::vector<std::string> names = model.output_names();
  const std::vector<Shape> shapes = model.output_shapes();
  const std::vector<Loss> losses = model.compile_options().loss.of(names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    check_no_nan(data.y[i], where, label("y", names, i));
    if (losses[i].is_sparse() && !shapes.empty()) check_classes(data.y[i], shapes[i][-1], where);
  }
}

std::int64_t class_of(const Array& y, std::int64_t sample) {
  const std::int64_t width = y.size() / y.dim(0);
  if (width == 1) {
    const double value = y.flat(sample);
    return std::abs(value) < 1e15 ? static_cast<std::int64_t>(value) : -1;
  }
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

std::vector<Array> slices(const std::vector<Array>& arrays, std::int64_t begin, std::int64_t end) {
  std::vector<Array> result;
  for (const Array& array : arrays) result.push_back(array.slice(begin, end));
  return result;
}

Data slice(const Data& data, std::int64_t begin, std::int64_t end) {
  return {slices(data.x, begin, end), slices(data.y, begin, end), slices(data.weights, begin, end)};
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

void check_input(const Model& model, const Array& x, const std::optional<Shape>& expected,
                 const std::string& where, std::size_t i) {
  const auto what = [&] { return label("x", model.input_names(), i); };
  if (x.rank() == 0 || x.size() == 0) {
    throw InvalidArgument(fmt::format("[{}] expected at least one sample, received {} of shape {}",
                                      where, what(), x.shape().str()));
  }
  if (!expected || x.shape().with(0, kUnknown) == *expected) return;
  std::string hint;
  if (x.rank() + 1 == expected->rank() && (*expected)[-1] == 1) {
    hint = " Add a channel axis with reshape().";
  } else if (x.rank() + 1 == expected->rank()) {
    hint = " A single sample still needs a batch axis: reshape() it to a batch of 1.";
  }
  throw InvalidArgument(fmt::format("[{}] {} expected {} of shape {}, received {}.{}", where,
                                    model.name(), what(), expected->str(), x.shape().str(), hint));
}

// An input whose shape leaves a dimension open takes any there.
std::optional<Shape> expected_shape(const std::vector<Shape>& shapes, std::size_t i,
                                    const Array& x) {
  if (shapes.empty()) return std::nullopt;
  Shape expected = shapes[i];
  if (expected.rank() != x.rank()) return expected;
  for (int axis = 1; axis < expected.rank(); ++axis) {
    if (expected[axis] < 0) expected[axis] = x.dim(axis);
  }
  return expected;
}

std::vector<Array> weights_in_order(const Model& model, const Arrays& weights,
                                    const std::string& where) {
  const std::vector<std::string> names = model.output_names();
  if (weights.size() != 1) return weights.in_order(names, where, "sample_weight");
  return std::vector<Array>(names.size(), weights.in_order({names[0]}, where, "").front());
}

}  // namespace

void check_batch_size(std::int64_t batch_size, const std::string& where) {
  if (batch_size < 1) {
    throw InvalidArgument(
        fmt::format("[{}] batch_size must be at least 1, received {}", where, batch_size));
  }
}

void check_input(const Model& model, const std::vector<Array>& x, const std::string& where) {
  const std::vector<Shape> shapes = model.input_shapes();
  for (std::size_t i = 0; i < x.size(); ++i) {
    check_input(model, x[i], expected_shape(shapes, i, x[i]), where, i);
    if (x[i].dim(0) == x[0].dim(0)) continue;
    const std::vector<std::string> names = model.input_names();
    throw InvalidArgument(fmt::format(
        "[{}] all inputs must have the same number of samples, received {} of shape {} "
        "and {} of {}",
        where, label("x", names, 0), x[0].shape().str(), label("x", names, i), x[i].shape().str()));
  }
}

void check_data(const Model& model, const Data& data, const std::string& where) {
  check_input(model, data.x, where);
  const std::vector<std::string> names = model.output_names();
  for (std::size_t i = 0; i < data.y.size(); ++i) {
    if (data.y[i].rank() == 0 || data.y[i].dim(0) != data.size()) {
      throw InvalidArgument(fmt::format(
          "[{}] x and y must have the same number of samples, received x of shape {} and {} of {}",
          where, data.x[0].shape().str(), label("y", names, i), data.y[i].shape().str()));
    }
  }
  for (const Array& weights : data.weights) {
    if (weights.shape() == Shape{data.size()}) continue;
    throw InvalidArgument(fmt::format("[{}] sample_weight must have shape ({},), received {}",
                                      where, data.size(), weights.shape().str()));
  }
  check_targets(model, data, where);
}

Data make_data(const Model& model, const Arrays& x, const Arrays& y,
               const std::optional<Arrays>& weights, const std::string& where) {
  Data data{x.in_order(model.input_names(), where, "x"),
            y.in_order(model.output_names(), where, "y"),
            {}};
  if (weights) data.weights = weights_in_order(model, *weights, where);
  return data;
}

void weight_classes(Data& data, const std::map<std::int64_t, double>& class_weight,
                    const std::string& where) {
  if (!data.weights.empty()) {
    throw InvalidArgument(fmt::format(
        "[{}] class_weight and sample_weight cannot be used together: multiply the class weights "
        "into sample_weight",
        where));
  }
  if (data.y.size() > 1) {
    throw InvalidArgument(fmt::format(
        "[{}] class_weight is for models with one output: use sample_weight by output", where));
  }
  data.weights = {weights_of_classes(data.y[0], class_weight)};
}

TrainingData prepare_data(const Model& model, const Arrays& x, const Arrays& y,
                          const FitOptions& options) {
  TrainingData data{make_data(model, x, y, options.sample_weight, "fit"), std::nullopt};
  if (options.validation_data) {
    const auto& [val_x, val_y] = *options.validation_data;
    data.validation = make_data(model, val_x, val_y, std::nullopt, "fit, validation data");
  } else if (options.validation_split != 0) {
    data = split(data.train, options.validation_split);
  }
  check_data(model, data.train, "fit");
  if (data.validation) check_data(model, *data.validation, "fit, validation data");
  if (!options.class_weight.empty()) weight_classes(data.train, options.class_weight, "fit");
  return data;
}

}  // namespace banach
