#include <banach/onnx/rows.hpp>
#include <banach/ops/convolution.hpp>
#include <banach/ops/pooling.hpp>
#include <banach/ops/upsampling.hpp>

namespace banach::onnx {
namespace {

// The padding of a stride depends on the size, which then has to be known.
void check_window(NodeWriter& writer, const Window& window) {
  const bool fixed = is_fixed(writer.input_sizes(1)) && is_fixed(writer.input_sizes(2));
  const bool padded = window.before != Size2(0) || window.after != Size2(0);
  if (!fixed && padded && window.strides != Size2(1)) {
    writer.fail("has padding and strides on images of unknown size, which ONNX cannot say");
  }
}

std::vector<std::int64_t> both(const Size2& size) { return {size.height, size.width}; }

Attributes attributes_of(const Window& window) {
  const auto& [before, after] = std::pair(window.before, window.after);
  return {{"kernel_shape", both(window.size)},
          {"strides", both(window.strides)},
          {"pads", std::vector{before.height, before.width, after.height, after.width}}};
}

// The bias that the node after a convolution adds to it: an input of ONNX' convolution.
Tensor bias_of(const NodeWriter& writer) {
  const NodePtr user = writer.only_user();
  if (user == nullptr || user->op->name() != "add") return {};
  const Tensor& bias = user->inputs[1];
  const bool is_bias = user->inputs[0] == Tensor(writer.traced().front(), 0) && bias.rank() == 1 &&
                       is_weight(bias) && bias.dim(0) == user->outputs[0].shape[-1];
  return is_bias ? bias : Tensor();
}

void write_conv2d(NodeWriter& writer, const Row&) {
  const auto& op = writer.op<Conv2DOp>();
  check_window(writer, op.window);
  Attributes attributes = attributes_of(op.window);
  attributes.push_back({"dilations", both(op.window.dilation)});
  attributes.push_back({"group", op.groups});
  Names inputs = {writer.channels_first_input(0), writer.kernel(1)};
  const Tensor bias = bias_of(writer);
  if (bias) inputs.push_back(writer.natural(bias));
  const std::string result = writer.add("Conv", inputs, attributes);
  bias ? writer.output_of_user(result) : writer.output_channels_first(result);
}

void write_pool(NodeWriter& writer, const Row& row) {
  const auto& op = writer.op<Pool2DOp>();
  check_window(writer, op.window);
  Attributes attributes = attributes_of(op.window);
  if (op.kind == Pooling::average) attributes.push_back({"count_include_pad", std::int64_t{0}});
  writer.output_channels_first(writer.add(row.onnx, {writer.channels_first_input(0)}, attributes));
}

void write_up_sample2d(NodeWriter& writer, const Row&) {
  const auto& op = writer.op<UpSample2DOp>();
  const auto times = [](std::int64_t factor) { return static_cast<float>(factor); };
  const std::string scales =
      writer.constant(Array::of<float>({1, 1, times(op.factor.height), times(op.factor.width)}));
  const std::string no_region;
  const bool nearest = op.interpolation == Interpolation::nearest;
  Attributes attributes = {
      {"mode", nearest ? "nearest" : "linear"},
      {"coordinate_transformation_mode", nearest ? "asymmetric" : "half_pixel"}};
  if (nearest) attributes.push_back({"nearest_mode", "floor"});
  writer.output_channels_first(
      writer.add("Resize", {writer.channels_first_input(), no_region, scales}, attributes));
}

constexpr Row kRows[] = {{"conv2d", write_conv2d},
                         {"max_pool2d", write_pool, "MaxPool"},
                         {"average_pool2d", write_pool, "AveragePool"},
                         {"up_sample2d", write_up_sample2d}};

}  // namespace

std::span<const Row> image_rows() { return kRows; }

}  // namespace banach::onnx
