#pragma once

#include <banach/graph/cast.hpp>
#include <banach/graph/op.hpp>
#include <banach/graph/variable.hpp>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace banach {

/// At the end of a step, `variable` holds `value`.
struct Assign {
  Variable variable;
  Tensor value;
};

/// What one trace recorded: inputs to be fed, outputs to be read and the assigns. Nodes are what
/// outputs and assigns reach; everything else is pruned.
class Tape {
 public:
  Tensors inputs;
  Tensors outputs;
  std::vector<Assign> assigns;

  /// A named value to be fed before each run.
  Tensor input(const std::string& name, const Shape& shape, DType dtype = float32);

  /// The variable's value at this point of the trace, in the dtype of the AutocastScope if any.
  Tensor read(const Variable& variable);
  /// Floating-point values are converted to the variable's dtype.
  void assign(const Variable& variable, const Tensor& value);

  /// The number of the training step, int64: what random ops count with. A constant 0 unless the
  /// tracer set one.
  Tensor random_step();
  void set_random_step(const Variable& step) { random_step_ = step; }
  /// 0, 1, 2, ... for each call of the layer with this seed.
  std::uint64_t next_random_site(std::uint64_t seed) { return random_sites_[seed]++; }

  /// Every reachable node, inputs before users.
  std::vector<NodePtr> schedule() const;
  /// One line a node: name, attributes, shapes, scope.
  std::string dump() const;

  /// Makes `tape` the current one of this thread while it lives.
  class Scope {
   public:
    explicit Scope(Tape& tape);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Tape* previous_;
  };
  static Tape* current();  ///< null outside any trace

 private:
  std::map<const void*, Tensor> values_;              // variable -> its current value
  std::map<std::pair<Tensor, DType>, Tensor> casts_;  // of these values
  std::map<std::uint64_t, std::uint64_t> random_sites_;
  Variable random_step_;
};

/// A value to be fed.
class InputOp final : public Op {
 public:
  InputOp(std::string input_name, TensorSpec spec)
      : input_name(std::move(input_name)), spec(spec) {}
  std::string name() const override { return "input"; }
  std::string attributes() const override { return input_name; }
  std::vector<TensorSpec> infer(const Tensors&) const override { return {spec}; }
  Tensors vjp(const Tensors&, const Tensors&, const Tensors&) const override { return {}; }

  const std::string input_name;
  const TensorSpec spec;
};

/// A value known while tracing.
class ConstantOp final : public Op {
 public:
  explicit ConstantOp(Array value) : value(std::move(value)) {}
  std::string name() const override { return "constant"; }
  std::vector<TensorSpec> infer(const Tensors&) const override {
    return {{value.shape(), value.dtype()}};
  }
  Tensors vjp(const Tensors&, const Tensors&, const Tensors&) const override { return {}; }

  const Array value;
};

/// The stored value of a variable.
class VariableOp final : public Op {
 public:
  explicit VariableOp(Variable variable) : variable(std::move(variable)) {}
  std::string name() const override { return "variable"; }
  std::string attributes() const override { return variable.name(); }
  std::vector<TensorSpec> infer(const Tensors&) const override {
    return {{variable.shape(), variable.dtype()}};
  }
  Tensors vjp(const Tensors&, const Tensors&, const Tensors&) const override { return {}; }

  const Variable variable;
};

Tensor constant(const Array& value);
Tensor constant(double value, DType dtype);  ///< a scalar

/// How many inputs of nodes, outputs and assigns each value of a tape is.
std::map<Tensor, int> count_uses(const Tape& tape);

/// Rebuilds a tape: `replace(node, inputs)` gets every node in order with its already rebuilt
/// inputs and returns the new outputs, or nothing to keep the node as it is.
using Replace = std::function<Tensors(const Node& node, const Tensors& inputs)>;
Tape rewrite(const Tape& tape, const Replace& replace);

}  // namespace banach
