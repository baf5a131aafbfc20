#pragma once

#include <banach/core/shape.hpp>
#include <banach/models/model.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// Trained models for other programs: the component `onnx` of the package, a library of its own
/// (banach::onnx in CMake), since only it needs protobuf. ONNX: github.com/onnx/onnx.
namespace banach::onnx {

struct ExportOptions {
  int opset = 17;  ///< 13 to 17; before 17 a layer normalization is written in plain arithmetic
  /// With the batch, None where unknown; needed for a model that does not know them, one with a
  /// call() of its own. Inputs that leave the same axis open agree in its size.
  std::vector<Shape> input_shapes = {};
  std::string doc_string = {};                           ///< for people who open the file
  std::int64_t max_bytes = (std::int64_t{1} << 31) - 1;  ///< as many as protobuf reads
};

/// What predict() computes as the bytes of an ONNX model: each op of its trace, so layers of your
/// own too, with the weights inside. Inputs and outputs have input_names() and output_names() and
/// the model's dtype (what mixed policies compute in bfloat16 or float16 comes in float32); their
/// batch and other unknown dimensions stay open. Attributes of ONNX, such as SELU's constants, are
/// float32. NotSupported, naming layer and op, for what ONNX cannot say; and for more than
/// `max_bytes`.
std::string export_model(Model& model, const ExportOptions& options = {});
/// The same into a file, atomically (formats::write_file_atomic).
void export_model(Model& model, const std::string& path, const ExportOptions& options = {});

}  // namespace banach::onnx
