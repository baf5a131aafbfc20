#include <banach/backend/cpu/blocks.hpp>
#include <banach/backend/cpu/reduce.hpp>
#include <banach/backend/cpu/rows.hpp>
#include <banach/ops/reduce.hpp>

namespace banach::cpu {
namespace {

template <class Reduction>
std::optional<Blocks> reduction_of(const Node& node, const Tensor& x) {
  return blocks_of(x.shape(), static_cast<const Reduction&>(*node.op).axes);
}

bool accepts_sum(const Node& node) {
  return accepts_float32(node) && reduction_of<SumOp>(node, node.inputs[0]);
}
bool accepts_max(const Node& node) {
  return accepts_float32(node) && reduction_of<MaxOp>(node, node.inputs[0]);
}
bool accepts_max_grad(const Node& node) {
  return accepts_float32(node) && reduction_of<MaxGradOp>(node, node.inputs[1]);
}

Prepared prepare_total(const Node& node) {
  return {"double",
          0,
          {},
          [size = node.inputs[0].shape().size()](const Views& in, const Views& out, std::byte*) {
            return Kernel([size, sum = out[0].as<float>(), x = in[0].as<float>()] {
              *sum = static_cast<float>(weighted_sum(x, nullptr, size));
            });
          }};
}

Prepared prepare_sum(const Node& node) {
  const Blocks k = *reduction_of<SumOp>(node, node.inputs[0]);
  if (k.outer == 1 && k.columns == 1) return prepare_total(node);
  if (k.outer > 1) {
    return {simd_implementation(), 0, {}, [k](const Views& in, const Views& out, std::byte*) {
              return Kernel([k, y = out[0].as<float>(), x = in[0].as<float>()] {
                row_sums(y, x, k.outer, k.rows, k.columns);
              });
            }};
  }
  return {simd_implementation(),
          column_sums_scratch_bytes(k.rows, k.columns),
          {},
          [k](const Views& in, const Views& out, std::byte* scratch) {
            return Kernel([k, scratch, sums = out[0].as<float>(), x = in[0].as<float>()] {
              column_sums(sums, x, k.rows, k.columns, scratch);
            });
          }};
}

Prepared prepare_max(const Node& node) {
  const Blocks k = *reduction_of<MaxOp>(node, node.inputs[0]);
  return {simd_implementation(), 0, {}, [k](const Views& in, const Views& out, std::byte*) {
            return Kernel([k, y = out[0].as<float>(), x = in[0].as<float>()] {
              row_maxima(y, x, k.outer, k.rows, k.columns);
            });
          }};
}

Prepared prepare_max_grad(const Node& node) {
  const Blocks k = *reduction_of<MaxGradOp>(node, node.inputs[1]);
  return {simd_implementation(),
          static_cast<std::size_t>(k.outer * k.columns) * sizeof(float),
          {},
          [k](const Views& in, const Views& out, std::byte* scratch) {
            return Kernel([k, scratch, dx = out[0].as<float>(), dy = in[0].as<float>(),
                           x = in[1].as<float>(), y = in[2].as<float>()] {
              row_maxima_grad(dx, dy, x, y, k.outer, k.rows, k.columns, scratch);
            });
          }};
}

std::optional<Blocks> blocks_of_broadcast(const Node& node) {
  return repeated_blocks(node.inputs[0].shape(), node.outputs[0].shape);
}

bool accepts_broadcast_to(const Node& node) {
  return accepts_float32(node) && blocks_of_broadcast(node);
}

Prepared prepare_broadcast_to(const Node& node) {
  const Blocks k = *blocks_of_broadcast(node);
  return {"memcpy", 0, {}, [k](const Views& in, const Views& out, std::byte*) {
            return Kernel([k, y = out[0].as<float>(), x = in[0].as<float>()] {
              repeat_rows(y, x, k.outer, k.rows, k.columns);
            });
          }};
}

const float* optional_input(const Views& in, std::size_t index) {
  return in.size() > index ? in[index].as<float>() : nullptr;
}

Prepared prepare_weighted_mean(const Node&) {
  return {"double", 0, {}, [](const Views& in, const Views& out, std::byte*) {
            return Kernel([mean = out[0].as<float>(), values = in[0].as<float>(),
                           weights = optional_input(in, 1), size = in[0].size()] {
              *mean = static_cast<float>(weighted_sum(values, weights, size) /
                                         static_cast<double>(size));
            });
          }};
}

Prepared prepare_weighted_mean_grad(const Node&) {
  return {"loops", 0, {}, [](const Views& in, const Views& out, std::byte*) {
            return Kernel([dvalues = out[0].as<float>(), dmean = in[0].as<float>(),
                           weights = optional_input(in, 1), size = out[0].size()] {
              weighted_mean_grad(dvalues, *dmean, weights, size);
            });
          }};
}

Prepared prepare_accumulate_mean(const Node& node) {
  const double multiplier = static_cast<const AccumulateMeanOp&>(*node.op).multiplier;
  return {"double", 0, {0}, [multiplier](const Views& in, const Views& out, std::byte*) {
            return Kernel([multiplier, next = out[0].as<float>(), state = in[0].as<float>(),
                           values = in[1].as<float>(), weights = optional_input(in, 2),
                           size = in[1].size()] {
              const double total = weighted_sum(values, weights, size);
              const double count =
                  weights ? weighted_sum(weights, nullptr, size) : static_cast<double>(size);
              next[0] = static_cast<float>(state[0] + multiplier * total);
              next[1] = static_cast<float>(state[1] + multiplier * count);
            });
          }};
}

constexpr KernelRow kRows[] = {{"sum", accepts_sum, prepare_sum},
                               {"max", accepts_max, prepare_max},
                               {"max_grad", accepts_max_grad, prepare_max_grad},
                               {"broadcast_to", accepts_broadcast_to, prepare_broadcast_to},
                               {"weighted_mean", accepts_float32, prepare_weighted_mean},
                               {"weighted_mean_grad", accepts_float32, prepare_weighted_mean_grad},
                               {"accumulate_mean", accepts_float32, prepare_accumulate_mean}};

}  // namespace

std::span<const KernelRow> reduce_rows() { return kRows; }

}  // namespace banach::cpu
