#include <banach/onnx/rows.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/slice.hpp>

#include <algorithm>
#include <cstring>

namespace banach::onnx {
namespace {

int rank_of_output(const NodeWriter& writer) { return writer.node().outputs[0].shape.rank(); }

// ONNX' Reshape copies a dimension where it reads 0, and computes one where it reads -1: so unknown
// ones mostly need no nodes of their own.
void write_reshape(NodeWriter& writer, const Row&) {
  constexpr std::int64_t kCopied = 0, kComputed = -1;
  const Sizes::size_type traces = writer.traced().size();
  std::vector<Sizes> sizes;
  for (int axis = 0; axis < rank_of_output(writer); ++axis) {
    sizes.push_back(writer.output_sizes(axis));
    const bool copied = !is_fixed(sizes.back()) && axis < writer.node().inputs[0].rank() &&
                        writer.input_sizes(axis) == sizes.back();
    if (copied) sizes.back().assign(traces, kCopied);
  }
  auto computed =
      std::ranges::find_if(sizes, [&](const Sizes& dim) { return !writer.can_compute(dim); });
  if (computed == sizes.end()) computed = std::ranges::find_if_not(sizes, is_fixed);
  if (computed != sizes.end()) computed->assign(traces, kComputed);
  writer.output(writer.add("Reshape", {writer.input(), writer.sizes(sizes)}));
}

void write_transpose(NodeWriter& writer, const Row&) {
  const auto& axes = writer.op<TransposeOp>().permutation;
  writer.output(writer.add("Transpose", {writer.input()},
                           {{"perm", std::vector<std::int64_t>(axes.begin(), axes.end())}}));
}

// ONNX' Expand broadcasts both ways, so 1 keeps a dimension that is there already.
void write_broadcast_to(NodeWriter& writer, const Row&) {
  const int shift = rank_of_output(writer) - writer.node().inputs[0].rank();
  std::vector<Sizes> sizes;
  for (int axis = 0; axis < rank_of_output(writer); ++axis) {
    sizes.push_back(writer.output_sizes(axis));
    const bool is_there = axis >= shift && writer.input_sizes(axis - shift) == sizes.back();
    if (is_there) sizes.back().assign(sizes.back().size(), 1);
  }
  writer.output(writer.add("Expand", {writer.input(), writer.sizes(sizes)}));
}

void write_concatenate(NodeWriter& writer, const Row&) {
  const int axis = writer.op<ConcatenateOp>().axis;
  writer.combine([&](const Names& x, bool channels_first) {
    return writer.add("Concat", x, {{"axis", axis_in(channels_first, axis)}});
  });
}

void write_slice(NodeWriter& writer, const Row&) {
  std::vector<std::int64_t> axes;
  std::vector<Sizes> starts, ends;
  for (int axis = 0; axis < rank_of_output(writer); ++axis) {
    const Sizes sizes = writer.output_sizes(axis);
    if (sizes == writer.input_sizes(axis)) continue;
    axes.push_back(axis);
    starts.emplace_back();
    for (const NodePtr& node : writer.traced()) {
      starts.back().push_back(op_cast<SliceOp>(*node)->start[axis]);
    }
    ends.push_back(starts.back());
    for (std::size_t i = 0; i < sizes.size(); ++i) ends.back()[i] += sizes[i];
  }
  writer.output(writer.add(
      "Slice", {writer.input(), writer.sizes(starts), writer.sizes(ends), writer.numbers(axes)}));
}

void write_pad(NodeWriter& writer, const Row&) {
  const auto& op = writer.op<PadOp>();
  const int rank = op.before.rank();
  writer.combine([&](const Names& x, bool channels_first) {
    std::vector<std::int64_t> zeros(static_cast<std::size_t>(2 * rank));
    for (int axis = 0; axis < rank; ++axis) {
      const auto to = static_cast<std::size_t>(axis_in(channels_first, axis));
      zeros[to] = op.before[axis];
      zeros[to + static_cast<std::size_t>(rank)] = op.after[axis];
    }
    return writer.add("Pad", {x[0], writer.numbers(zeros)});
  });
}

void write_variable(NodeWriter& writer, const Row&) {
  writer.output(writer.variable(writer.op<VariableOp>()));
}

const Array& value_of(const NodePtr& node) { return op_cast<ConstantOp>(*node)->value; }

bool is_same(const Array& a, const Array& b) {
  return a.shape() == b.shape() &&
         (a.nbytes() == 0 || std::memcmp(a.raw(), b.raw(), a.nbytes()) == 0);
}

bool is_uniform(const Array& array) {
  for (std::int64_t i = 1; i < array.size(); ++i) {
    if (array.flat(i) != array.flat(0)) return false;
  }
  return array.size() > 0;
}

// A number of samples or steps, as in a mean over them.
void write_count(NodeWriter& writer) {
  Sizes sizes;
  for (const NodePtr& node : writer.traced()) {
    const double value = value_of(node).flat(0);
    sizes.push_back(static_cast<std::int64_t>(value));
    if (static_cast<double>(sizes.back()) != value) {
      writer.fail("is a number that ONNX cannot compute from the batch size");
    }
  }
  const std::string scalar = writer.add("Squeeze", {writer.sizes({sizes})});
  const std::int64_t type = type_number(writer.node().outputs[0].dtype);
  writer.output(writer.add("Cast", {scalar}, {{"to", type}}));
}

// One number as often as the batch size asks for, such as a state of zeros.
void write_full(NodeWriter& writer) {
  const Array& first = value_of(writer.traced().front());
  for (const NodePtr& node : writer.traced()) {
    const Array& value = value_of(node);
    const bool same = is_uniform(value) && value.flat(0) == first.flat(0);
    if (!same) writer.fail("has values that depend on the batch size, which ONNX cannot say");
  }
  std::vector<Sizes> sizes;
  for (int axis = 0; axis < first.rank(); ++axis) sizes.push_back(writer.output_sizes(axis));
  const std::string number = writer.number(first.flat(0), first.dtype());
  writer.output(writer.add("Expand", {number, writer.sizes(sizes)}));
}

void write_constant(NodeWriter& writer, const Row&) {
  const Array& value = value_of(writer.traced().front());
  const bool fixed = std::ranges::all_of(
      writer.traced(), [&](const NodePtr& node) { return is_same(value_of(node), value); });
  if (fixed) return writer.output(writer.constant(value));
  value.rank() == 0 ? write_count(writer) : write_full(writer);
}

constexpr Row kRows[] = {{.op = "reshape", .write = write_reshape, .sized = true},
                         {.op = "broadcast_to", .write = write_broadcast_to, .sized = true},
                         {.op = "slice", .write = write_slice, .sized = true},
                         {"transpose", write_transpose},
                         {"concatenate", write_concatenate},
                         {"pad", write_pad},
                         {"variable", write_variable},
                         {"constant", write_constant}};

}  // namespace

std::span<const Row> shape_rows() { return kRows; }

}  // namespace banach::onnx
