#pragma once

#include <banach/onnx/graph_writer.hpp>
#include <banach/onnx/traces.hpp>

#include <functional>
#include <map>
#include <unordered_map>

namespace banach::onnx {

/// Where ONNX has a tensor: as banach lays it out, and images also with their channels before
/// height and width, as ONNX' convolutions and poolings take them. Empty where nobody asked yet.
struct Value {
  std::string natural, channels_first;
};

/// Where an axis of an image is in the layout.
inline std::int64_t axis_in(bool channels_first, int axis) {
  constexpr std::int64_t kChannelsFirst[] = {0, 2, 3, 1};
  return channels_first ? kChannelsFirst[axis] : axis;
}

/// A variable, or its elements in another shape: written when somebody needs it, in the order that
/// is needed.
bool is_weight(const Tensor& tensor);

/// What is known while the nodes of a model are written one after another. Tensors are those of the
/// first trace, without casts and copies that change nothing in ONNX.
struct ExportState {
  ExportState(const Traces& traces, GraphWriter& graph, int opset);

  const Traces& traces;
  GraphWriter& graph;
  const int opset;
  std::unordered_map<const Node*, std::size_t> positions;  // in traces.nodes()
  std::map<Tensor, std::vector<std::size_t>> users;        // positions; an output's is the end
  std::map<Tensor, Value> values;
  std::map<Tensor, std::string> kernels;  // of convolutions, in ONNX' order
  std::map<std::size_t, std::string> symbol_sizes;
};

/// Writes one node of a model: what the rows of the table work with.
class NodeWriter {
 public:
  NodeWriter(ExportState& state, std::size_t position) : state_(state), position_(position) {}

  /// With the row of its op, unless it is written already. NotSupported when it has none.
  void write();
  /// Where its result, or another tensor, is in natural layout; written now where it was not.
  std::string natural(const Tensor& tensor);

  const TracedNode& traced() const { return state_.traces.nodes()[position_]; }
  const Node& node() const { return *traced().front(); }
  /// The op in the first trace.
  template <class T>
  const T& op() const {
    return *op_cast<T>(node());
  }
  Sizes input_sizes(int axis, std::size_t input = 0) const;
  Sizes output_sizes(int axis) const;

  /// The name of an input, as banach lays it out.
  std::string input(std::size_t i = 0) { return natural(node().inputs[i]); }
  std::string channels_first_input(std::size_t i = 0) { return channels_first(node().inputs[i]); }
  /// An image that exists with channels first only: what follows had better stay so.
  bool is_channels_first(std::size_t i = 0) const;
  /// A node of ONNX; its result.
  std::string add(const std::string& op_type, const Names& inputs,
                  const Attributes& attributes = {});
  // What is stored in the file.
  std::string variable(const VariableOp& op);
  std::string constant(const Array& value);
  std::string number(double value, DType dtype) { return constant(Array::full({}, value, dtype)); }
  std::string numbers(const std::vector<std::int64_t>& values);
  /// One number for each of these, computed by nodes where they are not fixed.
  std::string sizes(const std::vector<Sizes>& list);
  bool can_compute(const Sizes& sizes) const;
  /// The input `i` in the order (filters, channels, height, width).
  std::string kernel(std::size_t i);

  /// The node's result.
  void output(const std::string& name) { value_of_output().natural = name; }
  void output_channels_first(const std::string& name) { value_of_output().channels_first = name; }
  /// The result from the inputs in one layout: channels first where an image comes so and the
  /// others can follow, else natural.
  using Combine = std::function<std::string(const Names& inputs, bool channels_first)>;
  void combine(const Combine& combine);

  /// The node that is alone in using this one's result, on its way to become part of it; null where
  /// there is none, or several.
  NodePtr only_user() const;
  /// The result of that node; it is not written any more.
  void output_of_user(const std::string& name);

  /// NotSupported: "[dense] the op 'x' <why>".
  [[noreturn]] void fail(const std::string& why) const;

 private:
  Value& value_of_output() { return state_.values[Tensor(traced().front(), 0)]; }
  std::string channels_first(const Tensor& tensor);
  std::string in_scope(const std::string& name) const;
  std::string size(const Sizes& sizes);
  std::string symbol_size(std::size_t symbol);

  ExportState& state_;
  std::size_t position_;
};

}  // namespace banach::onnx
