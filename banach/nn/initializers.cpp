#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/core/suggest.hpp>
#include <banach/core/threads.hpp>
#include <banach/nn/initializers.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <span>

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

// Turns uniform numbers in (0, 1) into those of a distribution, in place.
using Distribution = std::function<void(std::span<double>)>;

Distribution uniform(double low, double high) {
  return [=](std::span<double> values) {
    for (double& x : values) x = low + (high - low) * x;
  };
}

Distribution normal(double mean, double stddev) {
  return [=](std::span<double> values) {
    to_normal_quantiles(values);
    for (double& x : values) x = mean + stddev * x;
  };
}

// A normal distribution cut off at two standard deviations, which is what Keras draws again for.
Distribution truncated_normal(double mean, double stddev) {
  return [=](std::span<double> values) {
    static const double low = normal_cdf(-2), width = normal_cdf(2) - low;
    for (double& x : values) x = low + width * x;
    to_normal_quantiles(values);
    for (double& x : values) x = mean + stddev * x;
  };
}

// In parallel: an element follows from the seed and its position alone.
Array draw(const Shape& shape, DType dtype, Seed seed, const Distribution& distribution) {
  constexpr std::int64_t kPart = 1024;
  const std::uint64_t key = seed ? *seed : draw_seed();
  Array result(shape, dtype);
  visit_dtype(dtype, [&]<class T>() {
    const std::span<T> out = result.mutable_values<T>();
    const std::int64_t size = result.size();
    parallel_for((size + kPart - 1) / kPart, 8, [&](std::int64_t part, std::int64_t end) {
      std::array<double, kPart> values;
      for (; part < end; ++part) {
        const std::int64_t first = part * kPart, count = std::min(kPart, size - first);
        const std::span<double> drawn(values.data(), static_cast<std::size_t>(count));
        fill_uniform(key, first, drawn);
        distribution(drawn);
        std::ranges::transform(drawn, out.begin() + first,
                               [](double x) { return static_cast<T>(x); });
      }
    });
  });
  return result;
}

Initializer random(const char* name, Seed seed, Distribution distribution) {
  return Initializer(name, [=](const Shape& shape, DType dtype) {
    return draw(shape, dtype, seed, distribution);
  });
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

Distribution scaled(const VarianceScalingOptions& o, double variance) {
  if (o.distribution == "uniform") {
    const double limit = std::sqrt(3 * variance);
    return uniform(-limit, limit);
  }
  const double stddev = std::sqrt(variance);
  if (o.distribution == "untruncated_normal") return normal(0, stddev);
  return truncated_normal(0, stddev / kTruncatedStddev);
}

Initializer scaling(const char* name, double scale, const char* mode, const char* distribution,
                    Seed seed) {
  const VarianceScalingOptions options{scale, mode, distribution, seed};
  check(options);
  return Initializer(name, [options](const Shape& shape, DType dtype) {
    const double variance = options.scale / fan(shape, options.mode);
    return draw(shape, dtype, options.seed, scaled(options, variance));
  });
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
  return random("RandomNormal", seed, normal(mean, stddev));
}
Initializer RandomUniform(double minval, double maxval, Seed seed) {
  return random("RandomUniform", seed, uniform(minval, maxval));
}
Initializer TruncatedNormal(double mean, double stddev, Seed seed) {
  return random("TruncatedNormal", seed, truncated_normal(mean, stddev));
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Row& row : kRows) result.emplace_back(row.name);
  return result;
}

}  // namespace initializers
}  // namespace banach
