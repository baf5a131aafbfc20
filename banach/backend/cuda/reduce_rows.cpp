#include <banach/backend/cuda/reduce.hpp>
#include <banach/backend/cuda/rows.hpp>
#include <banach/ops/reduce.hpp>

namespace banach::cuda {
namespace {

template <class SomeOp>
Reduction reduction_of(const Node& node, const Tensor& x) {
  return make_reduction(x.shape(), static_cast<const SomeOp&>(*node.op).axes);
}

std::size_t value_size(const Node& node) { return size_of(node.outputs[0].dtype); }

Prepared prepare_sum(const Node& node) {
  const Reduction r = reduction_of<SumOp>(node, node.inputs[0]);
  return prepare_floating(
      node, make_tiling(r).scratch_bytes(value_size(node)),
      [r]<class T>(const Node&, const Views& in, const Views& out, std::byte* scratch) {
        return Kernel(
            [r, scratch, y = out[0].as<T>(), x = in[0].as<T>()] { return sum(y, x, r, scratch); });
      });
}

Prepared prepare_max(const Node& node) {
  const Reduction r = reduction_of<MaxOp>(node, node.inputs[0]);
  return prepare_floating(
      node, make_tiling(r).scratch_bytes(value_size(node)),
      [r]<class T>(const Node&, const Views& in, const Views& out, std::byte* scratch) {
        return Kernel([r, scratch, y = out[0].as<T>(), x = in[0].as<T>()] {
          return maximum(y, x, r, scratch);
        });
      });
}

Prepared prepare_max_grad(const Node& node) {
  const Reduction r = reduction_of<MaxGradOp>(node, node.inputs[1]);
  return prepare_floating(
      node, make_tiling(r).spread_scratch_bytes(value_size(node)),
      [r]<class T>(const Node&, const Views& in, const Views& out, std::byte* scratch) {
        return Kernel([r, scratch, dx = out[0].as<T>(), dy = in[0].as<T>(), x = in[1].as<T>(),
                       y = in[2].as<T>()] { return maximum_grad(dx, dy, x, y, r, scratch); });
      });
}

template <class T>
const T* optional_input(const Views& in, std::size_t index) {
  return in.size() > index ? in[index].as<T>() : nullptr;
}

Prepared prepare_weighted_mean(const Node& node) {
  const std::int64_t size = node.inputs[0].shape().size();
  return prepare_floating(
      node, mean_scratch_bytes(size),
      [size]<class T>(const Node&, const Views& in, const Views& out, std::byte* scratch) {
        return Kernel([size, scratch, mean = out[0].as<T>(), values = in[0].as<T>(),
                       weights = optional_input<T>(in, 1)] {
          return weighted_mean(mean, values, weights, size, scratch);
        });
      });
}

Prepared prepare_weighted_mean_grad(const Node& node) {
  return prepare_floating(node, []<class T>(const Node&, const Views& in, const Views& out) {
    return Kernel(
        [dvalues = out[0].as<T>(), dmean = in[0].as<T>(), weights = optional_input<T>(in, 1),
         size = out[0].size()] { return weighted_mean_grad(dvalues, dmean, weights, size); });
  });
}

Prepared prepare_accumulate_mean(const Node& node) {
  const double multiplier = static_cast<const AccumulateMeanOp&>(*node.op).multiplier;
  const std::int64_t size = node.inputs[1].shape().size();
  return prepare_floating(
      node, mean_scratch_bytes(size),
      [=]<class T>(const Node&, const Views& in, const Views& out, std::byte* scratch) {
        return Kernel([=, next = out[0].as<T>(), state = in[0].as<T>(), values = in[1].as<T>(),
                       weights = optional_input<T>(in, 2)] {
          return accumulate_mean(next, state, values, weights, size, multiplier, scratch);
        });
      },
      {0});
}

constexpr KernelRow kRows[] = {{"sum", accepts_floating, prepare_sum},
                               {"max", accepts_floating, prepare_max},
                               {"max_grad", accepts_floating, prepare_max_grad},
                               {"weighted_mean", accepts_floating, prepare_weighted_mean},
                               {"weighted_mean_grad", accepts_floating, prepare_weighted_mean_grad},
                               {"accumulate_mean", accepts_floating, prepare_accumulate_mean}};

}  // namespace

std::span<const KernelRow> reduce_rows() { return kRows; }

}  // namespace banach::cuda
