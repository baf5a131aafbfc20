#pragma once

#include <banach/onnx/export.hpp>

#include <cstring>
#include <doctest/doctest.h>
#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>
#include <string>
#include <vector>

namespace banach::testing {

/// Whether exactly one node makes the value, which the checker does not ask of outputs.
inline bool is_made(const ::onnx::ModelProto& model, const std::string& value) {
  int makers = 0;
  for (const auto& node : model.graph().node()) {
    for (const std::string& output : node.output()) makers += output == value;
  }
  return makers == 1;
}

/// The model read back, once ONNX' own checker and its inference of types and shapes agree with it.
inline ::onnx::ModelProto exported(Model& model, const onnx::ExportOptions& options = {}) {
  ::onnx::ModelProto proto;
  REQUIRE(proto.ParseFromString(onnx::export_model(model, options)));
  CHECK_NOTHROW(::onnx::checker::check_model(proto));
  for (const auto& output : proto.graph().output()) CHECK(is_made(proto, output.name()));
  ::onnx::ModelProto inferred = proto;
  ::onnx::ShapeInferenceOptions strict(true, 1);
  CHECK_NOTHROW(
      ::onnx::shape_inference::InferShapes(inferred, ::onnx::OpSchemaRegistry::Instance(), strict));
  return proto;
}

inline std::vector<std::string> op_types(const ::onnx::ModelProto& model) {
  std::vector<std::string> types;
  for (const auto& node : model.graph().node()) types.push_back(node.op_type());
  return types;
}

/// "(batch, 28, 28, 1)"; "?" for a dimension without size and name.
inline std::string shape_text(const ::onnx::ValueInfoProto& info) {
  std::string text;
  for (const auto& dim : info.type().tensor_type().shape().dim()) {
    const std::string size = dim.has_dim_value() ? std::to_string(dim.dim_value()) : "?";
    text += (text.empty() ? "" : ", ") + (dim.has_dim_param() ? dim.dim_param() : size);
  }
  return "(" + text + ")";
}

inline const ::onnx::TensorProto& initializer(const ::onnx::ModelProto& model,
                                              const std::string& name) {
  for (const auto& tensor : model.graph().initializer()) {
    if (tensor.name() == name) return tensor;
  }
  FAIL("no initializer " << name);
  return model.graph().initializer(0);
}

inline std::vector<std::int64_t> dims(const ::onnx::TensorProto& tensor) {
  return {tensor.dims().begin(), tensor.dims().end()};
}

/// The elements of a tensor of numbers of this type.
template <class T>
std::vector<T> values(const ::onnx::TensorProto& tensor) {
  std::vector<T> result(tensor.raw_data().size() / sizeof(T));
  std::memcpy(result.data(), tensor.raw_data().data(), tensor.raw_data().size());
  return result;
}

}  // namespace banach::testing
