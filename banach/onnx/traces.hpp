#pragma once

#include <banach/graph/tape.hpp>
#include <banach/models/model.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace banach::onnx {

/// One dimension in each of the traces; the same number in all of them when it is fixed.
using Sizes = std::vector<std::int64_t>;

bool is_fixed(const Sizes& sizes);

/// An axis that some inputs leave open: what ONNX calls a dim_param.
struct Symbol {
  std::string name;       // "batch", "dim_1", ...
  std::size_t input = 0;  // the first input with it
  int axis = 0;
  Sizes sizes = {};
};

/// constant + sum of coefficients[i] * symbols[i].
struct AffineSize {
  std::int64_t constant = 0;
  std::vector<std::int64_t> coefficients;
};

/// One node of the model, in each of the traces.
using TracedNode = std::vector<NodePtr>;

/// A model traced several times with other numbers for its unknown dimensions: what is different
/// then depends on them, and how different it is says in which way.
class Traces {
 public:
  using Prepare = std::function<Tape(const Tape&)>;  // what is done to each tape
  /// NotSupported when the ops themselves depend on the sizes, or a variable changes.
  Traces(Model& model, const std::vector<Shape>& input_shapes, const Prepare& prepare);

  const Tape& tape() const { return tapes_.front(); }
  const std::vector<TracedNode>& nodes() const { return nodes_; }
  const std::vector<Symbol>& symbols() const { return symbols_; }
  /// The sizes of an output's or an input's axis, by its position.
  Sizes output_sizes(std::size_t output, int axis) const;
  Sizes input_sizes(std::size_t input, int axis) const;
  /// How these sizes follow from the symbols; nothing when it is not this simple.
  std::optional<AffineSize> solve(const Sizes& sizes) const;

 private:
  void find_symbols(const std::vector<Shape>& input_shapes);
  void align();

  std::vector<Symbol> symbols_;
  std::vector<Tape> tapes_;
  std::vector<TracedNode> nodes_;
};

}  // namespace banach::onnx
