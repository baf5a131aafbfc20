#include <banach/core/errors.hpp>
#include <banach/onnx/export.hpp>
#include <banach/onnx/graph_writer.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <onnx/onnx_pb.h>

namespace banach::onnx {
namespace {

using ::onnx::AttributeProto;
using ::onnx::TensorProto;

struct TypeRow {
  DType dtype;
  TensorProto::DataType type;
};

constexpr TypeRow kTypes[] = {{float32, TensorProto::FLOAT},  {float64, TensorProto::DOUBLE},
                              {int32, TensorProto::INT32},    {int64, TensorProto::INT64},
                              {uint8, TensorProto::UINT8},    {boolean, TensorProto::BOOL},
                              {bfloat16, TensorProto::FLOAT}, {float16, TensorProto::FLOAT}};

void set_value(AttributeProto& proto, std::int64_t value) {
  proto.set_type(AttributeProto::INT);
  proto.set_i(value);
}
void set_value(AttributeProto& proto, float value) {
  proto.set_type(AttributeProto::FLOAT);
  proto.set_f(value);
}
void set_value(AttributeProto& proto, const std::string& value) {
  proto.set_type(AttributeProto::STRING);
  proto.set_s(value);
}
void set_value(AttributeProto& proto, const std::vector<std::int64_t>& values) {
  proto.set_type(AttributeProto::INTS);
  for (const std::int64_t value : values) proto.add_ints(value);
}

void describe(::onnx::ValueInfoProto& info, const std::string& name, DType dtype,
              const std::vector<ValueDim>& shape) {
  info.set_name(name);
  auto* type = info.mutable_type()->mutable_tensor_type();
  type->set_elem_type(static_cast<std::int32_t>(type_number(dtype)));
  auto* dims = type->mutable_shape();
  for (const ValueDim& dim : shape) {
    auto* proto = dims->add_dim();
    if (!dim.symbol.empty()) proto->set_dim_param(dim.symbol);
    if (dim.symbol.empty() && dim.size >= 0) proto->set_dim_value(dim.size);
  }
}

}  // namespace

bool is_same_type(DType a, DType b) { return type_number(a) == type_number(b); }

std::int64_t type_number(DType dtype) {
  return std::ranges::find(kTypes, dtype, &TypeRow::dtype)->type;
}

struct GraphWriter::Proto {
  ::onnx::ModelProto model;
  ::onnx::GraphProto& graph() { return *model.mutable_graph(); }
};

GraphWriter::GraphWriter(const std::string& model_name, const ExportOptions& options)
    : proto_(std::make_unique<Proto>()), max_bytes_(options.max_bytes) {
  constexpr int kFirstOpsetOfVersion8 = 15;
  proto_->model.set_ir_version(options.opset < kFirstOpsetOfVersion8 ? 7 : 8);
  proto_->model.set_producer_name("banach");
  proto_->model.set_producer_version(BANACH_VERSION);
  proto_->model.set_doc_string(options.doc_string);
  proto_->model.add_opset_import()->set_version(options.opset);
  proto_->graph().set_name(model_name);
}

GraphWriter::~GraphWriter() = default;

std::string GraphWriter::unique(const std::string& name) {
  std::string candidate = name;
  for (int number = 1; !used_.insert(candidate).second; ++number) {
    candidate = fmt::format("{}_{}", name, number);
  }
  return candidate;
}

void GraphWriter::add_input(const std::string& name, DType dtype,
                            const std::vector<ValueDim>& shape) {
  used_.insert(name);
  describe(*proto_->graph().add_input(), name, dtype, shape);
}

std::string GraphWriter::add_node(const std::string& name, const std::string& op_type,
                                  const Names& inputs, const Attributes& attributes) {
  ::onnx::NodeProto& node = *proto_->graph().add_node();
  const std::string result = unique(name);
  node.set_name(result);
  node.set_op_type(op_type);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(result);
  for (const Attribute& attribute : attributes) {
    AttributeProto& proto = *node.add_attribute();
    proto.set_name(std::string(attribute.name));
    std::visit([&](const auto& value) { set_value(proto, value); }, attribute.value);
  }
  made_by_nodes_.insert(result);
  return result;
}

std::string GraphWriter::add_initializer(const std::string& name, const Array& value) {
  const Array array = is_half(value.dtype()) ? value.astype(float32) : value;
  count_bytes(array.nbytes());
  TensorProto& proto = *proto_->graph().add_initializer();
  const std::string result = unique(name);
  proto.set_name(result);
  proto.set_data_type(static_cast<std::int32_t>(type_number(array.dtype())));
  for (const std::int64_t dim : array.shape()) proto.add_dims(dim);
  proto.set_raw_data(array.raw(), array.nbytes());
  return result;
}

void GraphWriter::add_output(const std::string& value, const std::string& name, DType dtype,
                             const std::vector<ValueDim>& shape) {
  const std::string output = unique(name);
  describe(*proto_->graph().add_output(), output, dtype, shape);
  // An input, a weight or what is an output already keeps its name.
  if (!made_by_nodes_.contains(value) || !renamed_.emplace(value, output).second) {
    renamed_.emplace(add_node(output + "/Identity", "Identity", {value}, {}), output);
  }
}

void GraphWriter::rename_outputs() {
  for (::onnx::NodeProto& node : *proto_->graph().mutable_node()) {
    for (auto* names : {node.mutable_input(), node.mutable_output()}) {
      for (std::string& name : *names) {
        if (const auto found = renamed_.find(name); found != renamed_.end()) name = found->second;
      }
    }
  }
}

void GraphWriter::count_bytes(std::size_t bytes) {
  bytes_ += static_cast<std::int64_t>(bytes);
  if (bytes_ <= max_bytes_) return;
  throw NotSupported(
      fmt::format("[onnx] the model needs {} bytes or more, and max_bytes is {}: protobuf reads no "
                  "file of 2 GiB. Export it in parts",
                  bytes_, max_bytes_));
}

std::string GraphWriter::finish() {
  rename_outputs();
  bytes_ = 0;
  count_bytes(proto_->model.ByteSizeLong());
  return proto_->model.SerializeAsString();
}

}  // namespace banach::onnx
