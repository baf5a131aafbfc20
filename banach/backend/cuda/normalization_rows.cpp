#include <banach/backend/cuda/normalization.hpp>
#include <banach/backend/cuda/rows.hpp>
#include <banach/ops/normalization.hpp>

namespace banach::cuda {
namespace {

struct Matrix {
  std::int64_t rows, columns;
};

Matrix matrix_of(const Shape& shape) {
  const std::int64_t columns = shape[-1];
  return {columns == 0 ? 0 : shape.size() / columns, columns};
}

Prepared prepare_batch_norm(const Node& node) {
  const Matrix k = matrix_of(node.outputs[0].shape);
  const double epsilon = static_cast<const BatchNormOp&>(*node.op).epsilon;
  return prepare_floating(
      node, batch_norm_scratch_bytes(k.rows, k.columns),
      [=]<class T>(const Node&, const Views& in, const Views& out, std::byte* scratch) {
        return Kernel([=, y = out[0].as<T>(), mean = out[1].as<T>(), variance = out[2].as<T>(),
                       x = in[0].as<T>(), gamma = in[1].as<T>(), beta = in[2].as<T>()] {
          return batch_norm(y, mean, variance, x, gamma, beta, k.rows, k.columns, epsilon, scratch);
        });
      },
      {0, -1, -1});
}

Prepared prepare_batch_norm_grad(const Node& node) {
  const Matrix k = matrix_of(node.outputs[0].shape);
  const double epsilon = static_cast<const BatchNormGradOp&>(*node.op).epsilon;
  return prepare_floating(
      node, batch_norm_scratch_bytes(k.rows, k.columns),
      [=]<class T>(const Node&, const Views& in, const Views& out, std::byte* scratch) {
        return Kernel([=, dx = out[0].as<T>(), dgamma = out[1].as<T>(), dbeta = out[2].as<T>(),
                       dy = in[0].as<T>(), x = in[1].as<T>(), gamma = in[2].as<T>(),
                       mean = in[3].as<T>(), variance = in[4].as<T>()] {
          return batch_norm_grad(dx, dgamma, dbeta, dy, x, gamma, mean, variance, k.rows, k.columns,
                                 epsilon, scratch);
        });
      },
      {0, -1, -1});
}

Prepared prepare_layer_norm(const Node& node) {
  const Matrix k = matrix_of(node.outputs[0].shape);
  const double epsilon = static_cast<const LayerNormOp&>(*node.op).epsilon;
  return prepare_floating(
      node,
      [=]<class T>(const Node&, const Views& in, const Views& out) {
        return Kernel([=, y = out[0].as<T>(), mean = out[1].as<T>(), rstd = out[2].as<T>(),
                       x = in[0].as<T>(), gamma = in[1].as<T>(), beta = in[2].as<T>()] {
          return layer_norm(y, mean, rstd, x, gamma, beta, k.rows, k.columns, epsilon);
        });
      },
      {0, -1, -1});
}

Prepared prepare_layer_norm_grad(const Node& node) {
  const Matrix k = matrix_of(node.outputs[0].shape);
  return prepare_floating(
      node, layer_norm_grad_scratch_bytes(k.rows, k.columns),
      [=]<class T>(const Node&, const Views& in, const Views& out, std::byte* scratch) {
        return Kernel([=, dx = out[0].as<T>(), dgamma = out[1].as<T>(), dbeta = out[2].as<T>(),
                       dy = in[0].as<T>(), x = in[1].as<T>(), gamma = in[2].as<T>(),
                       mean = in[3].as<T>(), rstd = in[4].as<T>()] {
          return layer_norm_grad(dx, dgamma, dbeta, dy, x, gamma, mean, rstd, k.rows, k.columns,
                                 scratch);
        });
      },
      {0, -1, -1});
}

constexpr KernelRow kRows[] = {{"batch_norm", accepts_floating, prepare_batch_norm},
                               {"batch_norm_grad", accepts_floating, prepare_batch_norm_grad},
                               {"layer_norm", accepts_floating, prepare_layer_norm},
                               {"layer_norm_grad", accepts_floating, prepare_layer_norm_grad}};

}  // namespace

std::span<const KernelRow> normalization_rows() { return kRows; }

}  // namespace banach::cuda
