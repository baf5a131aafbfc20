#include <banach/backend/cuda/rows.hpp>
#include <banach/backend/cuda/softmax.hpp>
#include <banach/ops/softmax.hpp>

namespace banach::cuda {
namespace {

struct Matrix {
  std::int64_t rows, columns;
};

Matrix matrix_of(const View& view) {
  const std::int64_t columns = view.spec.shape[-1];
  return {columns == 0 ? 0 : view.size() / columns, columns};
}

Prepared prepare_softmax(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node&, const Views& in, const Views& out) {
        return Kernel([k = matrix_of(out[0]), y = out[0].as<T>(), x = in[0].as<T>()] {
          return softmax(y, x, k.rows, k.columns);
        });
      },
      {0});
}

Prepared prepare_softmax_grad(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node&, const Views& in, const Views& out) {
        return Kernel([k = matrix_of(out[0]), dx = out[0].as<T>(), dy = in[0].as<T>(),
                       y = in[1].as<T>()] { return softmax_grad(dx, dy, y, k.rows, k.columns); });
      },
      {0});
}

Prepared prepare_crossentropy(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node& n, const Views& in, const Views& out) {
        const bool sparse = static_cast<const SoftmaxCrossentropyOp&>(*n.op).sparse;
        return Kernel([sparse, k = matrix_of(out[1]), loss = out[0].as<T>(), y = out[1].as<T>(),
                       match = out.size() > 2 ? out[2].as<T>() : nullptr, x = in[0].as<T>(),
                       targets = in[1].as<T>()] {
          return softmax_crossentropy(loss, y, match, x, targets, k.rows, k.columns, sparse);
        });
      },
      {-1, 0});
}

Prepared prepare_crossentropy_grad(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node& n, const Views& in, const Views& out) {
        const bool sparse = static_cast<const SoftmaxCrossentropyGradOp&>(*n.op).sparse;
        return Kernel([sparse, k = matrix_of(out[0]), dx = out[0].as<T>(), dloss = in[0].as<T>(),
                       y = in[1].as<T>(), targets = in[2].as<T>()] {
          return softmax_crossentropy_grad(dx, dloss, y, targets, k.rows, k.columns, sparse);
        });
      },
      {1});
}

Prepared prepare_match(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const bool sparse = static_cast<const CategoricalMatchOp&>(*n.op).sparse;
    return Kernel([sparse, k = matrix_of(in[1]), match = out[0].as<T>(), targets = in[0].as<T>(),
                   scores = in[1].as<T>()] {
      return categorical_match(match, targets, scores, k.rows, k.columns, sparse);
    });
  });
}

Prepared prepare_one_hot(const Node& node) {
  return prepare_floating(node, []<class T>(const Node&, const Views& in, const Views& out) {
    return Kernel([k = matrix_of(out[0]), y = out[0].as<T>(), labels = in[0].as<T>()] {
      return one_hot(y, labels, k.rows, k.columns);
    });
  });
}

constexpr KernelRow kRows[] = {
    {"softmax", accepts_floating, prepare_softmax},
    {"softmax_grad", accepts_floating, prepare_softmax_grad},
    {"softmax_crossentropy", accepts_floating, prepare_crossentropy},
    {"sparse_softmax_crossentropy", accepts_floating, prepare_crossentropy},
    {"softmax_crossentropy_grad", accepts_floating, prepare_crossentropy_grad},
    {"sparse_softmax_crossentropy_grad", accepts_floating, prepare_crossentropy_grad},
    {"categorical_match", accepts_floating, prepare_match},
    {"sparse_categorical_match", accepts_floating, prepare_match},
    {"one_hot", accepts_floating, prepare_one_hot}};

}  // namespace

std::span<const KernelRow> softmax_rows() { return kRows; }

}  // namespace banach::cuda
