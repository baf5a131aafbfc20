#include <banach/core/distribution.hpp>
#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <banach/core/random.hpp>
#include <banach/core/suggest.hpp>
#include <banach/nn/initializers.hpp>
#include <banach/nn/serialization.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace banach {
namespace {

// Standard deviation of a unit normal cut at +-2 (scipy: truncnorm.std(-2, 2)).
constexpr double kTruncatedStddev = 0.87962566103423978;

using namespace initializers;

// The arguments of each initializer, as Keras names them.
struct NormalArguments {
  double mean = 0, stddev = 0.05;
  Seed seed = {};
};
struct UniformArguments {
  double minval = -0.05, maxval = 0.05;
  Seed seed = {};
};
struct SeedArgument {
  Seed seed = {};
};
struct ConstantArgument {
  double value = 0;
};
struct NoArguments {};

void describe(Fields& fields, VarianceScalingOptions& o) {
  fields("scale", o.scale)("mode", o.mode)("distribution", o.distribution)("seed", o.seed);
}
void describe(Fields& fields, NormalArguments& a) {
  fields("mean", a.mean)("stddev", a.stddev)("seed", a.seed);
}
void describe(Fields& fields, UniformArguments& a) {
  fields("minval", a.minval)("maxval", a.maxval)("seed", a.seed);
}
void describe(Fields& fields, SeedArgument& a) {
  fields("seed", a.seed);
  fields.only("input_axes", Json()).only("output_axes", Json());
}
void describe(Fields& fields, ConstantArgument& a) { fields("value", a.value); }
void describe(Fields&, NoArguments&) {}

template <class Arguments>
Json config_of(Arguments arguments) {
  Fields fields;
  describe(fields, arguments);
  return fields.written();
}

// The row's function: reads the arguments and calls `make` with them.
template <class Arguments, Initializer (*make)(const Arguments&)>
Initializer read(const Json& config, const std::string& name) {
  Fields fields(config, name);
  Arguments arguments;
  describe(fields, arguments);
  return make(arguments);
}

template <Initializer (*make)(Seed)>
Initializer seeded(const SeedArgument& a) {
  return make(a.seed);
}
template <Initializer (*make)(double, double, Seed)>
Initializer normal(const NormalArguments& a) {
  return make(a.mean, a.stddev, a.seed);
}
Initializer random_uniform(const UniformArguments& a) {
  return RandomUniform(a.minval, a.maxval, a.seed);
}
Initializer constant_of(const ConstantArgument& a) { return Constant(a.value); }
template <Initializer (*make)()>
Initializer plain(const NoArguments&) {
  return make();
}

struct Row {
  const char* name;
  const char* class_name;
  Initializer (*make)(const Json& config, const std::string& name);
};

constexpr Row kRows[] = {
    {"variance_scaling", "VarianceScaling", read<VarianceScalingOptions, VarianceScaling>},
    {"lecun_normal", "LecunNormal", read<SeedArgument, seeded<LecunNormal>>},
    {"lecun_uniform", "LecunUniform", read<SeedArgument, seeded<LecunUniform>>},
    {"glorot_normal", "GlorotNormal", read<SeedArgument, seeded<GlorotNormal>>},
    {"glorot_uniform", "GlorotUniform", read<SeedArgument, seeded<GlorotUniform>>},
    {"he_normal", "HeNormal", read<SeedArgument, seeded<HeNormal>>},
    {"he_uniform", "HeUniform", read<SeedArgument, seeded<HeUniform>>},
    {"zeros", "Zeros", read<NoArguments, plain<Zeros>>},
    {"ones", "Ones", read<NoArguments, plain<Ones>>},
    {"constant", "Constant", read<ConstantArgument, constant_of>},
    {"random_normal", "RandomNormal", read<NormalArguments, normal<RandomNormal>>},
    {"random_uniform", "RandomUniform", read<UniformArguments, random_uniform>},
    {"truncated_normal", "TruncatedNormal", read<NormalArguments, normal<TruncatedNormal>>},
};

Initializer find(const std::string& name, const Json& config) {
  for (const Row& row : kRows) {
    if (name == row.name || name == row.class_name) return row.make(config, row.class_name);
  }
  const auto known = names();
  throw InvalidArgument("unknown initializer '" + name + "'. " + did_you_mean(name, known) +
                        "Known: " + join(known));
}

Initializer random(const char* name, Seed seed, const Distribution& distribution, Json config) {
  const auto initialize = [=](const Shape& shape, DType dtype) {
    return distribution.draw(shape, dtype, seed ? *seed : draw_seed());
  };
  return Initializer(name, initialize, std::move(config));
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
    return Distribution::uniform(-limit, limit);
  }
  const double stddev = std::sqrt(variance);
  if (o.distribution == "untruncated_normal") return Distribution::normal(0, stddev);
  return Distribution::truncated_normal(0, stddev / kTruncatedStddev);
}

Initializer scaling(const char* name, const VarianceScalingOptions& options, Json config) {
  check(options);
  const auto initialize = [options](const Shape& shape, DType dtype) {
    const double variance = options.scale / fan(shape, options.mode);
    const std::uint64_t seed = options.seed ? *options.seed : draw_seed();
    return scaled(options, variance).draw(shape, dtype, seed);
  };
  return Initializer(name, initialize, std::move(config));
}

Initializer scaling(const char* name, double scale, const char* mode, const char* distribution,
                    Seed seed) {
  return scaling(name, {scale, mode, distribution, seed}, config_of(SeedArgument{seed}));
}

}  // namespace

Initializer::Initializer(const std::string& name) : Initializer(find(name, Json::dict())) {}

Json to_json(const Initializer& initializer) {
  if (initializer.config().is_null()) {
    throw NotSupported("the initializer '" + initializer.name() +
                       "' is a function of your own and cannot be saved: give it a config");
  }
  return serialized("keras.initializers", initializer.name(), initializer.config());
}

void from_json(const Json& json, Initializer& initializer) {
  const SerializedObject object = parse_serialized(json, "an initializer");
  initializer = find(object.class_name, object.config);
}

namespace initializers {

Fans compute_fans(const Shape& shape) {
  if (shape.rank() == 0) return {1, 1};
  if (shape.rank() == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
  const auto field = static_cast<double>(shape.slice(0, shape.rank() - 2).size());
  return {field * static_cast<double>(shape[-2]), field * static_cast<double>(shape[-1])};
}

Initializer VarianceScaling(const VarianceScalingOptions& o) {
  return scaling("VarianceScaling", o, config_of(o));
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
  return Initializer(
      "Constant",
      [value](const Shape& shape, DType dtype) { return Array::full(shape, value, dtype); },
      config_of(ConstantArgument{value}));
}
Initializer Zeros() {
  return Initializer(
      "Zeros", [](const Shape& shape, DType dtype) { return Array(shape, dtype); }, Json::dict());
}
Initializer Ones() {
  return Initializer(
      "Ones", [](const Shape& shape, DType dtype) { return Array::full(shape, 1, dtype); },
      Json::dict());
}
Initializer RandomNormal(double mean, double stddev, Seed seed) {
  return random("RandomNormal", seed, Distribution::normal(mean, stddev),
                config_of(NormalArguments{mean, stddev, seed}));
}
Initializer RandomUniform(double minval, double maxval, Seed seed) {
  return random("RandomUniform", seed, Distribution::uniform(minval, maxval),
                config_of(UniformArguments{minval, maxval, seed}));
}
Initializer TruncatedNormal(double mean, double stddev, Seed seed) {
  return random("TruncatedNormal", seed, Distribution::truncated_normal(mean, stddev),
                config_of(NormalArguments{mean, stddev, seed}));
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Row& row : kRows) result.emplace_back(row.name);
  return result;
}

}  // namespace initializers
}  // namespace banach
