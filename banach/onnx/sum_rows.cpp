// Products, sums, and what is made of sums along an axis.
#include <banach/onnx/rows.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/normalization.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/softmax.hpp>

#include <algorithm>

namespace banach::onnx {
namespace {

void write_matmul(NodeWriter& writer, const Row&) {
  const auto& op = writer.op<MatmulOp>();
  const Names inputs = {writer.input(0), writer.input(1)};
  if (!op.transpose_a && !op.transpose_b) return writer.output(writer.add("MatMul", inputs));
  writer.output(writer.add(
      "Gemm", inputs,
      {{"transA", std::int64_t{op.transpose_a}}, {"transB", std::int64_t{op.transpose_b}}}));
}

// SumOp or MaxOp. Over height and width of an image without transposing it first.
template <class Reduction, class Add>
void write_reduction(NodeWriter& writer, Add add) {
  const auto& op = writer.op<Reduction>();
  const bool first =
      writer.is_channels_first() && (op.keepdims || op.axes == std::vector<int>{1, 2});
  std::vector<std::int64_t> axes;
  for (const int axis : op.axes) axes.push_back(axis_in(first, axis));
  const std::string x = first ? writer.channels_first_input() : writer.input();
  const std::string result = add(x, axes, Attribute{"keepdims", std::int64_t{op.keepdims}});
  first&& op.keepdims ? writer.output_channels_first(result) : writer.output(result);
}

void write_sum(NodeWriter& writer, const Row&) {
  write_reduction<SumOp>(writer, [&](const std::string& x, const auto& axes, Attribute keepdims) {
    return writer.add("ReduceSum", {x, writer.numbers(axes)}, {keepdims});
  });
}

void write_max(NodeWriter& writer, const Row&) {
  write_reduction<MaxOp>(writer, [&](const std::string& x, const auto& axes, Attribute keepdims) {
    return writer.add("ReduceMax", {x}, {{"axes", axes}, keepdims});
  });
}

void write_layer_norm(NodeWriter& writer, const Row&) {
  const auto epsilon = static_cast<float>(writer.op<LayerNormOp>().epsilon);
  writer.output(writer.add("LayerNormalization",
                           {writer.input(0), writer.input(1), writer.input(2)},
                           {{"axis", std::int64_t{-1}}, {"epsilon", epsilon}}));
}

void write_softmax(NodeWriter& writer, const Row&) {
  writer.output(writer.add("Softmax", {writer.input()}, {{"axis", std::int64_t{-1}}}));
}

void write_one_hot(NodeWriter& writer, const Row&) {
  const std::string labels = writer.add("Cast", {writer.input()}, {{"to", type_number(int64)}});
  const std::string off_and_on =
      writer.constant(Array::of<float>({0, 1}).astype(writer.node().outputs[0].dtype));
  writer.output(writer.add("OneHot",
                           {labels, writer.numbers({writer.op<OneHotOp>().classes}), off_and_on},
                           {{"axis", std::int64_t{-1}}}));
}

constexpr Row kRows[] = {
    {"matmul", write_matmul},   {"sum", write_sum},
    {"max", write_max},         {.op = "layer_norm", .write = write_layer_norm, .since = 17},
    {"softmax", write_softmax}, {"one_hot", write_one_hot}};

}  // namespace

std::span<const Row> sum_rows() { return kRows; }

}  // namespace banach::onnx
