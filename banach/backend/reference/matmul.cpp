#include <banach/backend/reference/reference.hpp>
#include <banach/ops/matmul.hpp>

namespace banach::reference {
namespace {

struct Matrix {  // element (i, j) lies at i * row_step + j * column_step
  std::int64_t row_step, column_step;
};

template <class T>
void matmul(T* c, const T* a, const T* b, std::int64_t m, std::int64_t n, std::int64_t k,
            Matrix a_steps, Matrix b_steps) {
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::int64_t l = 0; l < k; ++l) {
        sum += static_cast<double>(a[i * a_steps.row_step + l * a_steps.column_step]) *
               static_cast<double>(b[l * b_steps.row_step + j * b_steps.column_step]);
      }
      c[i * n + j] = static_cast<T>(sum);
    }
  }
}

Matrix steps(const Shape& shape, bool transposed) {
  return transposed ? Matrix{1, shape[1]} : Matrix{shape[1], 1};
}

Prepared prepare_matmul(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const auto& op = static_cast<const MatmulOp&>(*n.op);
    const Shape &a = in[0].spec.shape, &c = out[0].spec.shape;
    return Kernel([=, to = out[0].as<T>(), left = in[0].as<T>(), right = in[1].as<T>(), rows = c[0],
                   columns = c[1], depth = op.transpose_a ? a[0] : a[1],
                   a_steps = steps(a, op.transpose_a),
                   b_steps = steps(in[1].spec.shape, op.transpose_b)] {
      matmul(to, left, right, rows, columns, depth, a_steps, b_steps);
    });
  });
}

constexpr KernelRow kRows[] = {{"matmul", accepts_floating, prepare_matmul}};

}  // namespace

std::span<const KernelRow> matmul_rows() { return kRows; }

}  // namespace banach::reference
