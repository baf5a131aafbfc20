#pragma once

#include <banach/core/json.hpp>
#include <banach/formats/byte_source.hpp>

namespace banach::onnx {

/// What an ONNX file says of itself: {"ir_version", "producer", "opsets": {domain: version},
/// "inputs" and "outputs": [{"name", "shape", "dtype"}], "nodes": {operator: how many},
/// "parameters" (of floating point)}. A dimension is a size, a name or null. Nothing is run.
/// Corruption, naming the file, for bytes that are no model; NotSupported for 2 GiB or more, which
/// protobuf does not read.
Json describe_model(const formats::ByteSource& source);

}  // namespace banach::onnx
