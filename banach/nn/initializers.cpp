#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/core/suggest.hpp>
#include <banach/nn/initializers.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace banach {
namespace {

// Standard deviation of a unit normal cut at +-2 (scipy: truncnorm.std(-2, 2)).
constexpr double kTruncatedStddev = 0.87962566103423978;

struct Row {
  const char* name;
  const char* class_name;
  Initializer (*make)();
};

using namespace initializers;
constexpr Row kRows[] = {
    {"variance_scaling", "VarianceScaling", [] { return VarianceScaling(); }},
    {"lecun_normal", "LecunNormal", [] { return LecunNormal(); }},
    {"lecun_uniform", "LecunUniform", [] { return LecunUniform(); }},
    {"glorot_normal", "GlorotNormal", [] { return GlorotNormal(); }},
    {"glorot_uniform", "GlorotUniform", [] { return GlorotUniform(); }},
    {"he_normal", "HeNormal", [] { return HeNormal(); }},
    {"he_uniform", "HeUniform", [] { return HeUniform(); }},
    {"zeros", "Zeros", [] { return Zeros(); }},
    {"ones", "Ones", [] { return Ones(); }},
    {"constant", "Constant", [] { return Constant(); }},
    {"random_normal", "RandomNormal", [] { return RandomNormal(); }},
    {"random_uniform", "RandomUniform", [] { return RandomUniform(); }},
    {"truncated_normal", "TruncatedNormal", [] { return TruncatedNormal(); }},
};

Initializer find(const std::string& name) {
  for (const Row& row : kRows) {
    if (name == row.name || name == row.class_name) return row.make();
  }
  const auto known = names();
  throw InvalidArgument("unknown initializer '" + name + "'. " + did_you_mean(name, known) +
                        "Known: " + join(known));
}

// An array whose elements come one by one from `draw(generator)`.
template <class Draw>
Array fill(const Shape& shape, DType dtype, Seed seed, const Draw& draw) {
  RandomGenerator generator(seed ? *seed : draw_seed());
  Array result(shape, dtype);
  visit_dtype(dtype, [&]<class T>() {
    for (T& value : result.mutable_values<T>()) value = static_cast<T>(draw(generator));
  });
  return result;
}

template <class Draw>
Initializer random(const char* name, Seed seed, Draw draw) {
  return Initializer(
      name, [=](const Shape& shape, DType dtype) { return fill(shape, dtype, seed, draw); });
}

double fan(const Shape& shape, const std::string& mode) {
  const Fans fans = compute_fans(shape);
  const double value = mode == "fan_in"    ? fans.in
                       : mode == "fan_out" ? fans.out
                                           : (fans.in + fans.out) / 2;
  return std::max(1.0, value);
}

void check(const VarianceScalingOptions& o) {
  static const std::vector<std::string> modes = {"fan_in", "fan_out", "fan_avg"};
  static const std::vector<std::string> distributions = {"normal", "truncated_normal",
                                                         "untruncated_normal", "uniform"};
  if (!(o.scale > 0)) {
    throw InvalidArgument(
        fmt::format("[VarianceScaling] scale must be positive, received {}", o.scale));
  }
  if (std::ranges::find(modes, o.mode) == modes.end()) {
    throw InvalidArgument(fmt::format("[VarianceScaling] mode must be one of {}, received '{}'",
                                      join(modes), o.mode));
  }
  if (std::ranges::find(distributions, o.distribution) == distributions.end()) {
    throw InvalidArgument(
        fmt::format("[VarianceScaling] distribution must be one of {}, received '{}'",
                    join(distributions), o.distribution));
  }
}

Array scaled(const VarianceScalingOptions& o, const Shape& shape, DType dtype) {
  const double variance = o.scale / fan(shape, o.mode);
  if (o.distribution == "uniform") {
    const double limit = std::sqrt(3 * variance);
    return fill(shape, dtype, o.seed,
                [limit](RandomGenerator& g) { return limit * (2 * g.uniform() - 1); });
  }
  const double stddev = std::sqrt(variance);
  if (o.distribution == "untruncated_normal") {
    return fill(shape, dtype, o.seed, [stddev](RandomGenerator& g) { return stddev * g.normal(); });
  }
  return fill(shape, dtype, o.seed, [stddev](RandomGenerator& g) {
    return stddev / kTruncatedStddev * g.truncated_normal();
  });
}

Initializer scaling(const char* name, double scale, const char* mode, const char* distribution,
                    Seed seed) {
  const VarianceScalingOptions options{scale, mode, distribution, seed};
  check(options);
  return Initializer(
      name, [options](const Shape& shape, DType dtype) { return scaled(options, shape, dtype); });
}

}  // namespace

Initializer::Initializer(const std::string& name) : Initializer(find(name)) {}

namespace initializers {

Fans compute_fans(const Shape& shape) {
  if (shape.rank() == 0) return {1, 1};
  if (shape.rank() == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
  const auto field = static_cast<double>(shape.slice(0, shape.rank() - 2).size());
  return {field * static_cast<double>(shape[-2]), field * static_cast<double>(shape[-1])};
}

Initializer VarianceScaling(const VarianceScalingOptions& o) {
  return scaling("VarianceScaling", o.scale, o.mode.c_str(), o.distribution.c_str(), o.seed);
}
Initializer LecunNormal(Seed seed) {
  return scaling("LecunNormal", 1, "fan_in", "truncated_normal", seed);
}
Initializer LecunUniform(Seed seed) {
  return scaling("LecunUniform", 1, "fan_in", "uniform", seed);
}
Initializer GlorotNormal(Seed seed) {
  return scaling("GlorotNormal", 1, "fan_avg", "truncated_normal", seed);
}
Initializer GlorotUniform(Seed seed) {
  return scaling("GlorotUniform", 1, "fan_avg", "uniform", seed);
}
Initializer HeNormal(Seed seed) {
  return scaling("HeNormal", 2, "fan_in", "truncated_normal", seed);
}
Initializer HeUniform(Seed seed) { return scaling("HeUniform", 2, "fan_in", "uniform", seed); }

Initializer Constant(double value) {
  return Initializer("Constant", [value](const Shape& shape, DType dtype) {
    return Array::full(shape, value, dtype);
  });
}
Initializer Zeros() {
  return Initializer("Zeros", [](const Shape& shape, DType dtype) { return Array(shape, dtype); });
}
Initializer Ones() {
  return Initializer("Ones",
                     [](const Shape& shape, DType dtype) { return Array::full(shape, 1, dtype); });
}
Initializer RandomNormal(double mean, double stddev, Seed seed) {
  return random("RandomNormal", seed,
                [=](RandomGenerator& g) { return mean + stddev * g.normal(); });
}
Initializer RandomUniform(double minval, double maxval, Seed seed) {
  return random("RandomUniform", seed,
                [=](RandomGenerator& g) { return minval + (maxval - minval) * g.uniform(); });
}
Initializer TruncatedNormal(double mean, double stddev, Seed seed) {
  return random("TruncatedNormal", seed,
                [=](RandomGenerator& g) { return mean + stddev * g.truncated_normal(); });
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Row& row : kRows) result.emplace_back(row.name);
  return result;
}

}  // namespace initializers
}  // namespace banach
