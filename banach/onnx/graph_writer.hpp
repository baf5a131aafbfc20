#pragma once

#include <banach/core/array.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

namespace banach::onnx {

struct ExportOptions;

using Names = std::vector<std::string>;

struct Attribute {
  std::string_view name;
  std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>> value;
};
using Attributes = std::vector<Attribute>;

/// A dimension of an input or output: a number, or a name where it is open.
struct ValueDim {
  std::int64_t size = 0;
  std::string symbol = {};
};

/// Whether ONNX has these as one type: bfloat16 and float16 are written as float32.
bool is_same_type(DType a, DType b);
/// TensorProto.DataType, as the attribute `to` of Cast takes it.
std::int64_t type_number(DType dtype);

/// An ONNX graph in the making, and the only place that knows its protobuf. Values are known by
/// their names, which are those of the nodes that make them.
class GraphWriter {
 public:
  GraphWriter(const std::string& model_name, const ExportOptions& options);
  ~GraphWriter();

  void add_input(const std::string& name, DType dtype, const std::vector<ValueDim>& shape);
  /// The name of the (first) result: `name`, numbered where it is taken. No name for an input means
  /// that it is left out.
  std::string add_node(const std::string& name, const std::string& op_type, const Names& inputs,
                       const Attributes& attributes);
  std::string add_initializer(const std::string& name, const Array& value);
  /// Makes a value an output of the graph, under this name.
  void add_output(const std::string& value, const std::string& name, DType dtype,
                  const std::vector<ValueDim>& shape);

  /// The file. NotSupported when it has more than `max_bytes`.
  std::string finish();

 private:
  struct Proto;
  std::string unique(const std::string& name);
  void rename_outputs();
  void count_bytes(std::size_t bytes);

  std::unique_ptr<Proto> proto_;
  std::int64_t max_bytes_, bytes_ = 0;
  std::unordered_set<std::string> used_, made_by_nodes_;
  std::unordered_map<std::string, std::string> renamed_;  // result of a node -> output
};

}  // namespace banach::onnx
