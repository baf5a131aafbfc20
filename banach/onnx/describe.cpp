#include <banach/core/errors.hpp>
#include <banach/onnx/describe.hpp>

#include <cctype>
#include <climits>
#include <fmt/format.h>
#include <map>
#include <onnx/onnx_pb.h>
#include <set>

namespace banach::onnx {
namespace {

using ::onnx::GraphProto;
using ::onnx::TensorProto;
using Values = google::protobuf::RepeatedPtrField<::onnx::ValueInfoProto>;

::onnx::ModelProto parse(const formats::ByteSource& source) {
  if (source.size() > INT_MAX) {
    throw NotSupported(fmt::format("[{}] has {} bytes: protobuf reads no file of 2 GiB",
                                   source.name(), source.size()));
  }
  const formats::Bytes bytes = source.read(0, source.size());
  ::onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph()) {
    throw Corruption(fmt::format("[{}] is no ONNX model, or its end is missing", source.name()));
  }
  return model;
}

// "float32" for FLOAT, and the others as ONNX names them in small letters.
std::string type_name(std::int32_t type) {
  if (type == TensorProto::FLOAT) return "float32";
  if (type == TensorProto::DOUBLE) return "float64";
  if (!TensorProto::DataType_IsValid(type)) return fmt::format("type {}", type);
  std::string name = TensorProto::DataType_Name(static_cast<TensorProto::DataType>(type));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

Json shape_of(const ::onnx::TensorShapeProto& shape) {
  Json::List dims;
  for (const auto& dim : shape.dim()) {
    Json size;
    if (dim.has_dim_value()) size = std::int64_t{dim.dim_value()};
    if (dim.has_dim_param()) size = dim.dim_param();
    dims.push_back(std::move(size));
  }
  return dims;
}

std::set<std::string> initializers(const GraphProto& graph) {
  std::set<std::string> names;
  for (const TensorProto& tensor : graph.initializer()) names.insert(tensor.name());
  return names;
}

// Before IR version 4 the inputs list the weights too.
Json describe(const Values& values, const std::set<std::string>& weights) {
  Json::List list;
  for (const auto& value : values) {
    if (weights.contains(value.name())) continue;
    const auto& type = value.type().tensor_type();
    list.push_back(Json::dict({{"name", value.name()},
                               {"shape", type.has_shape() ? shape_of(type.shape()) : Json()},
                               {"dtype", type_name(type.elem_type())}}));
  }
  return list;
}

Json count_nodes(const GraphProto& graph) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& node : graph.node()) {
    const std::string domain = node.domain().empty() ? "" : node.domain() + ".";
    ++counts[domain + node.op_type()];
  }
  return Json::Dict(counts.begin(), counts.end());
}

// Integers are shapes and positions.
bool is_weight(const TensorProto& tensor) {
  return tensor.data_type() == TensorProto::FLOAT || tensor.data_type() == TensorProto::DOUBLE ||
         tensor.data_type() == TensorProto::FLOAT16 || tensor.data_type() == TensorProto::BFLOAT16;
}

Json count_parameters(const GraphProto& graph, const std::string& name) {
  std::int64_t parameters = 0;
  for (const TensorProto& tensor : graph.initializer()) {
    if (!is_weight(tensor)) continue;
    std::int64_t size = 1;
    bool is_right = true;
    for (const std::int64_t dim : tensor.dims()) {
      is_right = is_right && dim >= 0 && !__builtin_mul_overflow(size, dim, &size);
    }
    if (!is_right || __builtin_add_overflow(parameters, size, &parameters)) {
      throw Corruption(fmt::format("[{}/{}] has impossible dimensions", name, tensor.name()));
    }
  }
  return parameters;
}

Json opsets_of(const ::onnx::ModelProto& model) {
  Json::Dict opsets;
  for (const auto& opset : model.opset_import()) {
    opsets.emplace_back(opset.domain().empty() ? "ai.onnx" : opset.domain(),
                        std::int64_t{opset.version()});
  }
  return opsets;
}

}  // namespace

Json describe_model(const formats::ByteSource& source) {
  const ::onnx::ModelProto model = parse(source);
  const GraphProto& graph = model.graph();
  return Json::dict({{"ir_version", std::int64_t{model.ir_version()}},
                     {"producer", model.producer_name() + " " + model.producer_version()},
                     {"opsets", opsets_of(model)},
                     {"inputs", describe(graph.input(), initializers(graph))},
                     {"outputs", describe(graph.output(), {})},
                     {"nodes", count_nodes(graph)},
                     {"parameters", count_parameters(graph, source.name())}});
}

}  // namespace banach::onnx
