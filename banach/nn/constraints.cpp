#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <banach/core/suggest.hpp>
#include <banach/graph/tape.hpp>
#include <banach/nn/constraints.hpp>
#include <banach/nn/serialization.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>

namespace banach {

// One axis is written as a number. Found by their argument, so declared where that is.
namespace constraints {

Json to_json(const Axes& axes) {
  return axes.list.size() == 1 ? Json(axes.list[0]) : banach::to_json(axes.list);
}
void from_json(const Json& json, Axes& axes) {
  axes.list.assign(1, 0);
  if (json.is_list()) {
    banach::from_json(json, axes.list);
  } else {
    banach::from_json(json, axes.list[0]);
  }
}

}  // namespace constraints

namespace {

using namespace constraints;

constexpr double kEpsilon = 1e-7;  // keras.config.epsilon()

// The arguments of each constraint, as Keras names them.
struct MaxNormArguments {
  double max_value = 2;
  Axes axis = 0;
};
struct UnitNormArguments {
  Axes axis = 0;
};
struct NoArguments {};

void describe(Fields& fields, MaxNormArguments& a) {
  fields("max_value", a.max_value)("axis", a.axis);
}
void describe(Fields& fields, UnitNormArguments& a) { fields("axis", a.axis); }
void describe(Fields& fields, MinMaxNormOptions& o) {
  fields("min_value", o.min_value)("max_value", o.max_value)("rate", o.rate)("axis", o.axis);
}
void describe(Fields&, NoArguments&) {}

template <class Arguments>
Constraint make(const char* name, Arguments arguments, WeightFunction::Function function) {
  Fields fields;
  describe(fields, arguments);
  return Constraint(name, std::move(function), fields.written());
}

// The row's function: reads the arguments and calls `make` with them.
template <class Arguments, Constraint (*make)(const Arguments&)>
Constraint read(const Json& config, const char* name) {
  Fields fields(config, name);
  Arguments arguments;
  describe(fields, arguments);
  return make(arguments);
}

Constraint max_norm(const MaxNormArguments& a) { return MaxNorm(a.max_value, a.axis); }
Constraint unit_norm(const UnitNormArguments& a) { return UnitNorm(a.axis); }
Constraint non_neg(const NoArguments&) { return NonNeg(); }

struct Row {
  const char* name;
  const char* class_name;
  Constraint (*make)(const Json& config, const char* name);
};

constexpr Row kRows[] = {{"max_norm", "MaxNorm", read<MaxNormArguments, max_norm>},
                         {"non_neg", "NonNeg", read<NoArguments, non_neg>},
                         {"unit_norm", "UnitNorm", read<UnitNormArguments, unit_norm>},
                         {"min_max_norm", "MinMaxNorm", read<MinMaxNormOptions, MinMaxNorm>}};

Constraint find(const std::string& name, const Json& config) {
  for (const Row& row : kRows) {
    if (name == row.name || name == row.class_name) return row.make(config, row.class_name);
  }
  const auto known = names();
  throw InvalidArgument("unknown constraint '" + name + "'. " + did_you_mean(name, known) +
                        "Known: " + join(known));
}

Tensor norms_of(const Tensor& w, const Axes& axes) {
  return ops::sqrt(ops::sum(ops::square(w), axes.list, true));
}

}  // namespace

Constraint::Constraint(const std::string& name) : Constraint(find(name, Json::dict())) {}

Json to_json(const Constraint& constraint) {
  if (!constraint) return {};
  if (constraint.config().is_null()) {
    throw NotSupported("the constraint '" + constraint.name() +
                       "' is a function of your own and cannot be saved: give it a config");
  }
  return serialized("keras.constraints", constraint.name(), constraint.config());
}

void from_json(const Json& json, Constraint& constraint) {
  constraint = Constraint();
  if (json.is_null()) return;
  const SerializedObject object = parse_serialized(json, "a constraint");
  constraint = find(object.class_name, object.config);
}

namespace constraints {

Constraint MaxNorm(double max_value, const Axes& axis) {
  return make("MaxNorm", MaxNormArguments{max_value, axis}, [=](const Tensor& w) {
    const Tensor norms = norms_of(w, axis);
    return w * (ops::clip(norms, 0, max_value) / (norms + kEpsilon));
  });
}

Constraint NonNeg() {
  return make("NonNeg", NoArguments(),
              [](const Tensor& w) { return ops::maximum(w, constant(0, w.dtype())); });
}

Constraint UnitNorm(const Axes& axis) {
  return make("UnitNorm", UnitNormArguments{axis},
              [=](const Tensor& w) { return w / (norms_of(w, axis) + kEpsilon); });
}

Constraint MinMaxNorm(const MinMaxNormOptions& o) {
  return make("MinMaxNorm", o, [o](const Tensor& w) {
    const Tensor norms = norms_of(w, o.axis);
    const Tensor wanted =
        ops::clip(norms, o.min_value, o.max_value) * o.rate + norms * (1 - o.rate);
    return w * (wanted / (norms + kEpsilon));
  });
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Row& row : kRows) result.emplace_back(row.name);
  return result;
}

}  // namespace constraints
}  // namespace banach
