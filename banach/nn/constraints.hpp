#pragma once

#include <banach/nn/weight_function.hpp>

#include <concepts>
#include <string>
#include <vector>

namespace banach {

/// What a weight is turned into after each update, of the same shape.
class Constraint : public WeightFunction {
 public:
  Constraint() = default;  ///< none
  Constraint(const char* name) : Constraint(std::string(name)) {}
  Constraint(const std::string& name);  ///< "non_neg", "MaxNorm", ...; InvalidArgument
  using WeightFunction::WeightFunction;
  /// A function of your own, made of ops.
  template <class F>
  requires std::is_invocable_r_v<Tensor, F, const Tensor&> Constraint(F function)
      : WeightFunction("custom", std::move(function)) {}
};

Json to_json(const Constraint& constraint);  ///< null for none; NotSupported without a config
void from_json(const Json& json, Constraint& constraint);

/// keras.constraints (keras/src/constraints/constraints.py). A norm is sqrt(sum w^2) over `axis`:
/// 0 gives one a unit of Dense, {0, 1, 2} one a filter of Conv2D.
namespace constraints {

/// One axis or several.
struct Axes {
  Axes(int axis = 0) : list{axis} {}
  Axes(std::initializer_list<int> axes) : list(axes) {}
  Axes(std::vector<int> axes) : list(std::move(axes)) {}
  std::vector<int> list;
};

/// Norms of at most max_value.
Constraint MaxNorm(double max_value = 2, const Axes& axis = 0);
Constraint NonNeg();  ///< max(w, 0)
Constraint UnitNorm(const Axes& axis = 0);

struct MinMaxNormOptions {
  double min_value = 0;
  double max_value = 1;
  double rate = 1;  ///< how much of the way to the wanted norm an update goes
  Axes axis = 0;
};
Constraint MinMaxNorm(const MinMaxNormOptions& options = {});

std::vector<std::string> names();  ///< all that Constraint(name) knows, in snake_case

}  // namespace constraints
}  // namespace banach
