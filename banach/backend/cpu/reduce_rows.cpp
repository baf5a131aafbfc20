#include <banach/backend/cpu/reduce.hpp>
#include <banach/backend/cpu/rows.hpp>
#include <banach/ops/reduce.hpp>

namespace banach::cpu {
namespace {

// The rows and columns of a sum over the first axes, if it is one.
struct Matrix {
  std::int64_t rows = 1, columns = 1;
};

std::optional<Matrix> leading_axes(const Node& node) {
  const Shape& shape = node.inputs[0].shape();
  const std::vector<int>& axes = static_cast<const SumOp&>(*node.op).axes;
  Matrix matrix;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const bool is_summed = axis < static_cast<int>(axes.size());
    if (is_summed && axes[static_cast<std::size_t>(axis)] != axis) return std::nullopt;
    (is_summed ? matrix.rows : matrix.columns) *= shape[axis];
  }
  return matrix;
}

bool accepts_sum(const Node& node) { return accepts_float32(node) && leading_axes(node); }

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
  const Matrix k = *leading_axes(node);
  if (k.columns == 1) return prepare_total(node);
  return {simd_implementation(),
          column_sums_scratch_bytes(k.rows, k.columns),
          {},
          [k](const Views& in, const Views& out, std::byte* scratch) {
            return Kernel([k, scratch, sums = out[0].as<float>(), x = in[0].as<float>()] {
              column_sums(sums, x, k.rows, k.columns, scratch);
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
                               {"weighted_mean", accepts_float32, prepare_weighted_mean},
                               {"weighted_mean_grad", accepts_float32, prepare_weighted_mean_grad},
                               {"accumulate_mean", accepts_float32, prepare_accumulate_mean}};

}  // namespace

std::span<const KernelRow> reduce_rows() { return kRows; }

}  // namespace banach::cpu
