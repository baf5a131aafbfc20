#pragma once

#include <banach/nn/weight_function.hpp>

#include <concepts>
#include <string>
#include <vector>

namespace banach {

/// A penalty on a weight, a scalar that is added to the loss; in training and in evaluation.
class Regularizer : public WeightFunction {
 public:
  Regularizer() = default;  ///< none
  Regularizer(const char* name) : Regularizer(std::string(name)) {}
  Regularizer(const std::string& name);  ///< "l2", "L1L2", ...; InvalidArgument
  using WeightFunction::WeightFunction;
  /// A function of your own, made of ops.
  template <class F>
  requires std::is_invocable_r_v<Tensor, F, const Tensor&> Regularizer(F function)
      : WeightFunction("custom", std::move(function)) {}
};

Json to_json(const Regularizer& regularizer);  ///< null for none; NotSupported without a config
void from_json(const Json& json, Regularizer& regularizer);

/// keras.regularizers (keras/src/regularizers/regularizers.py). InvalidArgument for factors that
/// are negative or not finite.
namespace regularizers {

Regularizer L1(double l1 = 0.01);  ///< l1 sum |w|
Regularizer L2(double l2 = 0.01);  ///< l2 sum w^2
Regularizer L1L2(double l1 = 0, double l2 = 0);
/// factor times the mean of |cos| between different rows of a matrix, or columns.
Regularizer OrthogonalRegularizer(double factor = 0.01, const std::string& mode = "rows");

std::vector<std::string> names();  ///< all that Regularizer(name) knows, in small letters

}  // namespace regularizers
}  // namespace banach
