#pragma once

#include <banach/onnx/node_writer.hpp>

#include <span>
#include <string_view>

namespace banach::onnx {

/// How one op is written.
struct Row {
  std::string_view op;
  void (*write)(NodeWriter& writer, const Row& row);
  const char* onnx = "";  ///< the operator of the same meaning, for rows that are nothing else
  int since = 13;         ///< the opset it needs; before it the op's lower() is written
  bool sized = false;     ///< whether the op's attributes may be sizes that depend on the input's
};

std::span<const Row> elementwise_rows();
std::span<const Row> image_rows();
std::span<const Row> shape_rows();
std::span<const Row> sum_rows();

/// Null where ONNX has no form of the op in this opset.
const Row* find_row(std::string_view op, int opset);

}  // namespace banach::onnx
