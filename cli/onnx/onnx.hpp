#pragma once

#include <banach/core/json.hpp>
#include <banach/formats/byte_source.hpp>
#include <banach/models/model.hpp>

#include <string>

// The component banach::onnx, or its absence: CMake takes present.cpp or absent.cpp.
namespace banach::cli {

inline constexpr int kNewestOpset = 17;

/// onnx::export_model into a file. NotSupported, naming the packages, where the component is not
/// built.
void export_onnx(Model& model, const std::string& path, int opset = kNewestOpset);

/// onnx::describe_model; without the component an object that says so.
Json describe_onnx(const formats::ByteSource& source);

}  // namespace banach::cli
