// Products, sums, and what is made of sums along an axis.
#include <banach/onnx/rows.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/softmax.hpp>

#include <algorithm>

namespace banach::onnx {
namespace {

void write_matmul(NodeWriter& writer, const Row&) {
  const auto& op = writer.op<MatmulOp>();
  const Names inputs = {writer.input(0), writer.input(1)};
  if (!op.transpose_a && !op.transpose_b) return writer.output(writer.add("MatMul", inputs));
  writer.output(writer.add("Gemm", inputs,
                           {{"transA", std::int64_t{op.transpose_a}},
                            {"transB", std::int64_t{op.transpose_b}}}));
}

constexpr std::int64_t kChannelsFirst[] = {0, 2, 3, 1};  // where each axis of an image goes

// Over the height and width of an image the same without transposing it first.
void write_reduction(NodeWriter& writer, const std::vector<int>& axes, bool keepdims,
                     const std::function<std::string(const std::string& x,
                                                     const std::vector<std::int64_t>& axes)>& add) {
  const bool stays = writer.is_channels_first() && (keepdims || axes == std::vector{1, 2});
  std::vector<std::int64_t> list(axes.begin(), axes.end());
  if (!stays) return writer.output(add(writer.input(), list));
  for (std::int64_t& axis : list) axis = kChannelsFirst[axis];
  const std::string result = add(writer.channels_first_input(), list);
  keepdims ? writer.output_channels_first(result) : writer.output(result);
}

void write_sum(NodeWriter& writer, const Row&) {
  const auto& op = writer.op<SumOp>();
  write_reduction(writer, op.axes, op.keepdims, [&](const std::string& x, const auto& axes) {
    return writer.add("ReduceSum", {x, writer.numbers(axes)},
                      {{"keepdims", std::int64_t{op.keepdims}}});
  });
}

void write_softmax(NodeWriter& writer, const Row&) {
  writer.output(writer.add("Softmax", {writer.input()}, {{"axis", std::int64_t{-1}}}));
}

void write_one_hot(NodeWriter& writer, const Row&) {
  const std::string labels =
      writer.add("Cast", {writer.input()}, {{"to", type_number(int64)}});
  const std::string off_and_on =
      writer.constant(Array::of<float>({0, 1}).astype(writer.node().outputs[0].dtype));
  writer.output(writer.add(
      "OneHot", {labels, writer.numbers({writer.op<OneHotOp>().classes}), off_and_on},
      {{"axis", std::int64_t{-1}}}));
}

constexpr Row kRows[] = {{"matmul", write_matmul},
                         {"sum", write_sum},
                         {"softmax", write_softmax},
                         {"one_hot", write_one_hot}};

}  // namespace

std::span<const Row> sum_rows() { return kRows; }

}  // namespace banach::onnx
