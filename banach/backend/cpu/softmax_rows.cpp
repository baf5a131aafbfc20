#include <banach/backend/cpu/rows.hpp>
#include <banach/backend/cpu/softmax.hpp>
#include <banach/ops/softmax.hpp>

namespace banach::cpu {
namespace {

struct Matrix {
  std::int64_t rows, columns;
};

Matrix matrix_of(const TensorSpec& spec) {
  const std::int64_t columns = spec.shape[-1];
  return {columns == 0 ? 0 : spec.shape.size() / columns, columns};
}

Prepared prepare_softmax(const Node& node) {
  return {simd_implementation(),
          0,
          {0},
          [k = matrix_of(node.outputs[0])](const Views& in, const Views& out, std::byte*) {
            return Kernel([k, y = out[0].as<float>(), x = in[0].as<float>()] {
              softmax(y, x, k.rows, k.columns);
            });
          }};
}

Prepared prepare_softmax_grad(const Node& node) {
  return {simd_implementation(),
          0,
          {0},
          [k = matrix_of(node.outputs[0])](const Views& in, const Views& out, std::byte*) {
            return Kernel([k, dx = out[0].as<float>(), dy = in[0].as<float>(),
                           y = in[1].as<float>()] { softmax_grad(dx, dy, y, k.rows, k.columns); });
          }};
}

using Crossentropy = void (*)(float* loss, float* probabilities, float* match, const float* logits,
                              const float* targets, std::int64_t rows, std::int64_t columns);

template <Crossentropy kKernel>
Prepared prepare_crossentropy(const Node& node) {
  return {simd_implementation(),
          0,
          {-1, 0},
          [k = matrix_of(node.outputs[1])](const Views& in, const Views& out, std::byte*) {
            return Kernel([k, loss = out[0].as<float>(), y = out[1].as<float>(),
                           match = out.size() > 2 ? out[2].as<float>() : nullptr,
                           logits = in[0].as<float>(), targets = in[1].as<float>()] {
              kKernel(loss, y, match, logits, targets, k.rows, k.columns);
            });
          }};
}

using CrossentropyGrad = void (*)(float* dlogits, const float* dloss, const float* probabilities,
                                  const float* targets, std::int64_t rows, std::int64_t columns);

template <CrossentropyGrad kKernel>
Prepared prepare_crossentropy_grad(const Node& node) {
  return {simd_implementation(),
          0,
          {1},
          [k = matrix_of(node.outputs[0])](const Views& in, const Views& out, std::byte*) {
            return Kernel([k, dx = out[0].as<float>(), dloss = in[0].as<float>(),
                           y = in[1].as<float>(), targets = in[2].as<float>()] {
              kKernel(dx, dloss, y, targets, k.rows, k.columns);
            });
          }};
}

using Match = void (*)(float* match, const float* targets, const float* predictions,
                       std::int64_t rows, std::int64_t columns);

template <Match kKernel>
Prepared prepare_match(const Node& node) {
  return {"loops",
          0,
          {},
          [k = matrix_of(node.inputs[1].spec())](const Views& in, const Views& out, std::byte*) {
            return Kernel([k, match = out[0].as<float>(), targets = in[0].as<float>(),
                           predictions = in[1].as<float>()] {
              kKernel(match, targets, predictions, k.rows, k.columns);
            });
          }};
}

constexpr KernelRow kRows[] = {
    {"softmax", accepts_float32, prepare_softmax},
    {"softmax_grad", accepts_float32, prepare_softmax_grad},
    {"softmax_crossentropy", accepts_float32, prepare_crossentropy<softmax_crossentropy>},
    {"sparse_softmax_crossentropy", accepts_float32,
     prepare_crossentropy<sparse_softmax_crossentropy>},
    {"softmax_crossentropy_grad", accepts_float32,
     prepare_crossentropy_grad<softmax_crossentropy_grad>},
    {"sparse_softmax_crossentropy_grad", accepts_float32,
     prepare_crossentropy_grad<sparse_softmax_crossentropy_grad>},
    {"categorical_match", accepts_float32, prepare_match<categorical_match>},
    {"sparse_categorical_match", accepts_float32, prepare_match<sparse_categorical_match>}};

}  // namespace

std::span<const KernelRow> softmax_rows() { return kRows; }

}  // namespace banach::cpu
