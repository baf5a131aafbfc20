#include <cli/onnx/onnx.hpp>

#include <banach/onnx/describe.hpp>
#include <banach/onnx/export.hpp>

namespace banach::cli {

void export_onnx(Model& model, const std::string& path, int opset) {
  onnx::export_model(model, path, {.opset = opset});
}

Json describe_onnx(const formats::ByteSource& source) { return onnx::describe_model(source); }

}  // namespace banach::cli
