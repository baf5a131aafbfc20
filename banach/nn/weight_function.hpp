#pragma once

#include <banach/core/json.hpp>
#include <banach/graph/tensor.hpp>

#include <functional>
#include <string>
#include <utility>

namespace banach {

/// A function of a weight that a layer's options may name, or none: what regularizers and
/// constraints are.
class WeightFunction {
 public:
  using Function = std::function<Tensor(const Tensor& weight)>;

  WeightFunction() = default;  ///< none
  /// Without a config, whose class_name is `name`, it cannot be saved.
  WeightFunction(std::string name, Function function, Json config = {})
      : name_(std::move(name)), function_(std::move(function)), config_(std::move(config)) {}

  explicit operator bool() const { return function_ != nullptr; }
  Tensor operator()(const Tensor& weight) const { return function_(weight); }
  const std::string& name() const { return name_; }  ///< Keras' class name
  const Json& config() const { return config_; }     ///< the arguments; null when it has none

 private:
  std::string name_;
  Function function_;
  Json config_;
};

}  // namespace banach
