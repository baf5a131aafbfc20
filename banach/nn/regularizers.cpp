#include <banach/core/array.hpp>
#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <banach/core/suggest.hpp>
#include <banach/graph/tape.hpp>
#include <banach/nn/regularizers.hpp>
#include <banach/nn/serialization.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/reduce.hpp>

#include <cmath>
#include <fmt/format.h>

namespace banach {
namespace {

using namespace regularizers;

// The arguments of each regularizer, as Keras names them.
struct L1Argument {
  double l1 = 0.01;
};
struct L2Argument {
  double l2 = 0.01;
};
struct L1L2Arguments {
  double l1 = 0, l2 = 0;
};
struct OrthogonalArguments {
  double factor = 0.01;
  std::string mode = "rows";
};

void describe(Fields& fields, L1Argument& a) { fields("l1", a.l1); }
void describe(Fields& fields, L2Argument& a) { fields("l2", a.l2); }
void describe(Fields& fields, L1L2Arguments& a) { fields("l1", a.l1)("l2", a.l2); }
void describe(Fields& fields, OrthogonalArguments& a) {
  fields("factor", a.factor)("mode", a.mode);
}

template <class Arguments>
Regularizer make(const char* name, Arguments arguments, WeightFunction::Function function) {
  Fields fields;
  describe(fields, arguments);
  return Regularizer(name, std::move(function), fields.written());
}

// The row's function: reads the arguments and calls `make` with them.
template <class Arguments, Regularizer (*make)(const Arguments&)>
Regularizer read(const Json& config, const char* name) {
  Fields fields(config, name);
  Arguments arguments;
  describe(fields, arguments);
  return make(arguments);
}

struct Row {
  const char* name;
  const char* class_name;
  Regularizer (*make)(const Json& config, const char* name);
};

constexpr Row kRows[] = {
    {"l1", "L1", read<L1Argument, [](const L1Argument& a) { return L1(a.l1); }>},
    {"l2", "L2", read<L2Argument, [](const L2Argument& a) { return L2(a.l2); }>},
    {"l1l2", "L1L2", read<L1L2Arguments, [](const L1L2Arguments& a) { return L1L2(a.l1, a.l2); }>},
    {"l1_l2", "L1L2", read<L1L2Arguments, [](const L1L2Arguments& a) { return L1L2(a.l1, a.l2); }>},
    {"orthogonal_regularizer", "OrthogonalRegularizer",
     read<OrthogonalArguments,
          [](const OrthogonalArguments& a) { return OrthogonalRegularizer(a.factor, a.mode); }>}};

Regularizer find(const std::string& name, const Json& config) {
  for (const Row& row : kRows) {
    if (name == row.name || name == row.class_name) return row.make(config, row.class_name);
  }
  const auto known = names();
  throw InvalidArgument("unknown regularizer '" + name + "'. " + did_you_mean(name, known) +
                        "Known: " + join(known));
}

void check(const char* where, const char* name, double factor) {
  if (factor >= 0 && std::isfinite(factor)) return;
  throw InvalidArgument(
      fmt::format("[{}] {} must be a finite number >= 0, received {}", where, name, factor));
}

Tensor l1_penalty(const Tensor& w, double l1) { return ops::sum(ops::absolute(w)) * l1; }
Tensor l2_penalty(const Tensor& w, double l2) { return ops::sum(ops::square(w)) * l2; }

// 1 everywhere but on the diagonal.
Tensor off_diagonal(std::int64_t size, DType dtype) {
  Array mask = Array::full({size, size}, 1, float64);
  for (std::int64_t i = 0; i < size; ++i) {
    mask.mutable_values<double>()[static_cast<std::size_t>(i * size + i)] = 0;
  }
  return constant(mask.astype(dtype));
}

Tensor orthogonal_penalty(const Tensor& w, double factor, bool rows) {
  if (w.rank() != 2) {
    throw InvalidArgument(
        fmt::format("{}OrthogonalRegularizer expected a matrix, received a weight of shape {}",
                    NameScope::tag(), w.shape().str()));
  }
  const Tensor squares = ops::sum(ops::square(w), {rows ? 1 : 0}, true);
  const Tensor unit = w * ops::rsqrt(ops::maximum(squares, constant(1e-14, w.dtype())));
  const Tensor products = ops::matmul(unit, unit, !rows, rows);
  const std::int64_t size = products.dim(0);
  const auto pairs = static_cast<double>(size * (size - 1)) / 2;
  const Tensor total = ops::sum(ops::absolute(products * off_diagonal(size, w.dtype())));
  return total * (factor / 2 / pairs);
}

}  // namespace

Regularizer::Regularizer(const std::string& name) : Regularizer(find(name, Json::dict())) {}

Json to_json(const Regularizer& regularizer) {
  if (!regularizer) return {};
  if (regularizer.config().is_null()) {
    throw NotSupported("the regularizer '" + regularizer.name() +
                       "' is a function of your own and cannot be saved: give it a config");
  }
  return serialized("keras.regularizers", regularizer.name(), regularizer.config());
}

void from_json(const Json& json, Regularizer& regularizer) {
  regularizer = Regularizer();
  if (json.is_null()) return;
  const SerializedObject object = parse_serialized(json, "a regularizer");
  regularizer = find(object.class_name, object.config);
}

namespace regularizers {

Regularizer L1(double l1) {
  check("L1", "l1", l1);
  return make("L1", L1Argument{l1}, [l1](const Tensor& w) { return l1_penalty(w, l1); });
}
Regularizer L2(double l2) {
  check("L2", "l2", l2);
  return make("L2", L2Argument{l2}, [l2](const Tensor& w) { return l2_penalty(w, l2); });
}
Regularizer L1L2(double l1, double l2) {
  check("L1L2", "l1", l1);
  check("L1L2", "l2", l2);
  return make("L1L2", L1L2Arguments{l1, l2},
              [=](const Tensor& w) { return l1_penalty(w, l1) + l2_penalty(w, l2); });
}
Regularizer OrthogonalRegularizer(double factor, const std::string& mode) {
  check("OrthogonalRegularizer", "factor", factor);
  if (mode != "rows" && mode != "columns") {
    throw InvalidArgument("[OrthogonalRegularizer] mode must be rows or columns, received '" +
                          mode + "'");
  }
  return make("OrthogonalRegularizer", OrthogonalArguments{factor, mode},
              [factor, rows = mode == "rows"](const Tensor& w) {
                return orthogonal_penalty(w, factor, rows);
              });
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Row& row : kRows) result.emplace_back(row.name);
  return result;
}

}  // namespace regularizers
}  // namespace banach
