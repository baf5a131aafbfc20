#include <banach/core/errors.hpp>
#include <banach/models/runtime.hpp>
#include <banach/onnx/traces.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach::onnx {
namespace {

// Three for each symbol, beginning with Keras' own: no layer confuses them with its constants.
constexpr std::int64_t kPrimes[] = {83,  89,  97,  101, 103, 107, 109, 113, 127, 131, 137, 139,
                                    149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199};

// Of symbol `index` in the first trace, in the one where only it is different, and in the last,
// where all are.
Sizes symbol_sizes(std::size_t index, std::size_t symbols) {
  const std::int64_t* primes = kPrimes + 3 * index;
  Sizes sizes(symbols + 2, primes[0]);
  sizes[index + 1] = primes[1];
  sizes.back() = primes[2];
  return sizes;
}

void check_assigns(const Tape& tape) {
  if (tape.assigns.empty()) return;
  throw NotSupported(fmt::format(
      "[onnx] the model changes its variable '{}' when it predicts, which ONNX cannot say",
      tape.assigns.front().variable.name()));
}

Sizes sizes_of(const std::vector<Tape>& tapes, Tensors Tape::*tensors, std::size_t i, int axis) {
  Sizes sizes;
  for (const Tape& tape : tapes) sizes.push_back((tape.*tensors)[i].dim(axis));
  return sizes;
}

}  // namespace

bool is_fixed(const Sizes& sizes) {
  return std::ranges::all_of(sizes, [&](std::int64_t size) { return size == sizes.front(); });
}

void Traces::find_symbols(const std::vector<Shape>& input_shapes) {
  for (int axis = 0; axis < Shape::kMaxRank; ++axis) {
    for (std::size_t input = 0; input < input_shapes.size(); ++input) {
      const Shape& shape = input_shapes[input];
      if (axis >= shape.rank() || shape[axis] >= 0) continue;
      symbols_.push_back({axis == 0 ? "batch" : fmt::format("dim_{}", axis), input, axis});
      break;
    }
  }
  for (std::size_t i = 0; i < symbols_.size(); ++i) {
    symbols_[i].sizes = symbol_sizes(i, symbols_.size());
  }
}

Traces::Traces(Model& model, const std::vector<Shape>& input_shapes, const Prepare& prepare) {
  find_symbols(input_shapes);
  const std::size_t count = symbols_.empty() ? 1 : symbols_.size() + 2;
  for (std::size_t trace = 0; trace < count; ++trace) {
    std::vector<Shape> shapes = input_shapes;
    for (const Symbol& symbol : symbols_) {
      for (Shape& shape : shapes) {
        const bool open = symbol.axis < shape.rank() && shape[symbol.axis] < 0;
        if (open) shape[symbol.axis] = symbol.sizes[trace];
      }
    }
    tapes_.push_back(prepare(trace_inference(model, shapes)));
    check_assigns(tapes_.back());
  }
  align();
}

void Traces::align() {
  for (const NodePtr& node : tape().schedule()) nodes_.push_back({node});
  for (std::size_t trace = 1; trace < tapes_.size(); ++trace) {
    const std::vector<NodePtr> schedule = tapes_[trace].schedule();
    for (std::size_t i = 0; i < std::max(nodes_.size(), schedule.size()); ++i) {
      const bool both = i < nodes_.size() && i < schedule.size();
      if (both && schedule[i]->op->name() == nodes_[i][0]->op->name()) {
        nodes_[i].push_back(schedule[i]);
        continue;
      }
      const Node& node = i < schedule.size() ? *schedule[i] : *nodes_[i][0];
      throw NotSupported(
          fmt::format("[{}] the op '{}' is not there for every batch size, which ONNX cannot say",
                      node.scope, node.op->name()));
    }
  }
}

Sizes Traces::output_sizes(std::size_t output, int axis) const {
  return sizes_of(tapes_, &Tape::outputs, output, axis);
}

Sizes Traces::input_sizes(std::size_t input, int axis) const {
  return sizes_of(tapes_, &Tape::inputs, input, axis);
}

std::optional<AffineSize> Traces::solve(const Sizes& sizes) const {
  AffineSize result{sizes.front(), std::vector<std::int64_t>(symbols_.size())};
  std::int64_t last = sizes.front();
  for (std::size_t i = 0; i < symbols_.size(); ++i) {
    const Sizes& symbol = symbols_[i].sizes;
    const std::int64_t difference = sizes[i + 1] - sizes[0], step = symbol[i + 1] - symbol[0];
    if (difference % step != 0) return {};
    result.coefficients[i] = difference / step;
    result.constant -= result.coefficients[i] * symbol[0];
    last += result.coefficients[i] * (symbol.back() - symbol[0]);
  }
  if (last != sizes.back()) return {};
  return result;
}

}  // namespace banach::onnx
