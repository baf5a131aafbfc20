#pragma once

#include <banach/core/array.hpp>
#include <banach/core/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace banach {

/// Gives initial weights of a shape. Without a seed every call draws a new one, so that one object
/// used in two layers gives different weights (Keras gives the same ones; we do not copy that).
class Initializer {
 public:
  using Function = std::function<Array(const Shape& shape, DType dtype)>;

  Initializer(const char* name) : Initializer(std::string(name)) {}
  Initializer(const std::string& name);  ///< "lecun_normal", "LecunNormal", ...; InvalidArgument
  /// One of your own. Without a config, whose class_name is `name`, it cannot be saved.
  Initializer(std::string name, Function function, Json config = {})
      : name_(std::move(name)), function_(std::move(function)), config_(std::move(config)) {}

  /// Calling it is initialising: `LecunNormal()({784, 256})`.
  Array operator()(const Shape& shape, DType dtype = float32) const {
    return function_(shape, dtype);
  }
  const std::string& name() const { return name_; }  ///< Keras' class name
  const Json& config() const { return config_; }     ///< the arguments; null when it has none

 private:
  std::string name_;
  Function function_;
  Json config_;
};

Json to_json(const Initializer& initializer);  ///< NotSupported for one without a config
void from_json(const Json& json, Initializer& initializer);

/// keras.initializers. For kernels of rank 2 fan_in and fan_out are the rows and columns; of higher
/// rank the last two axes times the receptive field.
namespace initializers {

using Seed = std::optional<std::uint64_t>;

struct Fans {
  double in = 1, out = 1;
};
Fans compute_fans(const Shape& shape);

struct VarianceScalingOptions {
  double scale = 1;
  std::string mode = "fan_in";                    ///< fan_in, fan_out or fan_avg
  std::string distribution = "truncated_normal";  ///< also untruncated_normal, uniform
  Seed seed = {};
};
/// Variance scale / fan. The truncated normal is cut at two standard deviations and widened by
/// 1 / 0.87962566103423978, so that its variance is right after cutting.
Initializer VarianceScaling(const VarianceScalingOptions& options = {});
Initializer LecunNormal(Seed seed = {});  ///< variance 1 / fan_in: what SELU needs
Initializer LecunUniform(Seed seed = {});
Initializer GlorotNormal(Seed seed = {});   ///< variance 2 / (fan_in + fan_out)
Initializer GlorotUniform(Seed seed = {});  ///< the default of Dense and Conv2D, as in Keras
Initializer HeNormal(Seed seed = {});       ///< variance 2 / fan_in
Initializer HeUniform(Seed seed = {});

Initializer Zeros();
Initializer Ones();
Initializer Constant(double value = 0);
Initializer RandomNormal(double mean = 0, double stddev = 0.05, Seed seed = {});
Initializer RandomUniform(double minval = -0.05, double maxval = 0.05, Seed seed = {});
Initializer TruncatedNormal(double mean = 0, double stddev = 0.05, Seed seed = {});

std::vector<std::string> names();  ///< all that Initializer(name) knows, in snake_case

}  // namespace initializers
}  // namespace banach
