#include <banach/backend/reference/reference.hpp>
#include <banach/ops/labels.hpp>
#include <banach/ops/softmax.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace banach::reference {
namespace {

// y = softmax(x) of one row; the log of the sum of exponentials.
template <class T>
double softmax_row(T* y, const T* x, std::int64_t width) {
  const double largest = *std::max_element(x, x + width);
  double sum = 0;
  for (std::int64_t j = 0; j < width; ++j) sum += std::exp(static_cast<double>(x[j]) - largest);
  const double log_sum = largest + std::log(sum);
  for (std::int64_t j = 0; j < width; ++j) {
    y[j] = static_cast<T>(std::exp(static_cast<double>(x[j]) - log_sum));
  }
  return log_sum;
}

template <class T>
void softmax_grad_row(T* dx, const T* dy, const T* y, std::int64_t width) {
  double dot = 0;
  for (std::int64_t j = 0; j < width; ++j) dot += static_cast<double>(dy[j]) * y[j];
  for (std::int64_t j = 0; j < width; ++j) dx[j] = static_cast<T>(y[j] * (dy[j] - dot));
}

// The target of class j in a row: `targets` holds distributions, or one class number a row; NaN
// for what is not the number of a class.
template <class T>
T target(const T* targets, bool sparse, std::int64_t row, std::int64_t width, std::int64_t j) {
  if (!sparse) return targets[row * width + j];
  const std::int64_t label = class_of(targets[row], width);
  return label < 0 ? std::numeric_limits<T>::quiet_NaN() : static_cast<T>(label == j);
}

struct Rows {
  std::int64_t count, width;
};

Rows rows_of(const View& view) {
  const std::int64_t width = view.spec.shape[-1];
  return {width == 0 ? 0 : view.size() / width, width};
}

Prepared prepare_softmax(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node&, const Views& in, const Views& out) {
        return Kernel([y = out[0].as<T>(), x = in[0].as<T>(), rows = rows_of(in[0])] {
          for (std::int64_t i = 0; i < rows.count; ++i) {
            softmax_row(y + i * rows.width, x + i * rows.width, rows.width);
          }
        });
      },
      {0});
}

Prepared prepare_softmax_grad(const Node& node) {
  return prepare_floating(node,
                          []<class T>(const Node&, const Views& in, const Views& out) {
                            return Kernel([dx = out[0].as<T>(), dy = in[0].as<T>(),
                                           y = in[1].as<T>(), rows = rows_of(in[0])] {
                              for (std::int64_t i = 0; i < rows.count; ++i) {
                                const std::int64_t at = i * rows.width;
                                softmax_grad_row(dx + at, dy + at, y + at, rows.width);
                              }
                            });
                          },
                          {0});
}

template <class T>
std::int64_t first_largest(const T* x, std::int64_t width) {
  return std::max_element(x, x + width) - x;
}

template <class T>
T match_row(const T* targets, const T* scores, bool sparse, std::int64_t row, std::int64_t width) {
  const std::int64_t expected =
      sparse ? class_of(targets[row], width) : first_largest(targets + row * width, width);
  return first_largest(scores + row * width, width) == expected ? T(1) : T(0);
}

Prepared prepare_crossentropy(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const bool sparse = static_cast<const SoftmaxCrossentropyOp&>(*n.op).sparse;
    return Kernel([loss = out[0].as<T>(), y = out[1].as<T>(), x = in[0].as<T>(),
                   match = out.size() > 2 ? out[2].as<T>() : nullptr, targets = in[1].as<T>(),
                   rows = rows_of(in[0]), sparse] {
      for (std::int64_t i = 0; i < rows.count; ++i) {
        const T* logits = x + i * rows.width;
        const double log_sum = softmax_row(y + i * rows.width, logits, rows.width);
        double sum = 0;
        for (std::int64_t j = 0; j < rows.width; ++j) {
          const T t = target(targets, sparse, i, rows.width, j);
          if (t != 0) sum += t * (log_sum - logits[j]);
        }
        loss[i] = static_cast<T>(sum);
        if (match != nullptr) match[i] = match_row(targets, y, sparse, i, rows.width);
      }
    });
  });
}

Prepared prepare_crossentropy_grad(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node& n, const Views& in, const Views& out) {
        const bool sparse = static_cast<const SoftmaxCrossentropyGradOp&>(*n.op).sparse;
        return Kernel([dx = out[0].as<T>(), dloss = in[0].as<T>(), y = in[1].as<T>(),
                       targets = in[2].as<T>(), rows = rows_of(in[1]), sparse] {
          for (std::int64_t i = 0; i < rows.count; ++i) {
            double sum = 0;
            for (std::int64_t j = 0; j < rows.width; ++j) {
              sum += target(targets, sparse, i, rows.width, j);
            }
            for (std::int64_t j = 0; j < rows.width; ++j) {
              const std::int64_t at = i * rows.width + j;
              const T t = target(targets, sparse, i, rows.width, j);
              dx[at] = static_cast<T>(dloss[i] * (sum * y[at] - t));
            }
          }
        });
      },
      {1});
}

Prepared prepare_match(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const bool sparse = static_cast<const CategoricalMatchOp&>(*n.op).sparse;
    return Kernel([match = out[0].as<T>(), targets = in[0].as<T>(), scores = in[1].as<T>(),
                   rows = rows_of(in[1]), sparse] {
      for (std::int64_t i = 0; i < rows.count; ++i) {
        match[i] = match_row(targets, scores, sparse, i, rows.width);
      }
    });
  });
}

Prepared prepare_one_hot(const Node& node) {
  return prepare_floating(node, []<class T>(const Node&, const Views& in, const Views& out) {
    return Kernel([to = out[0].as<T>(), labels = in[0].as<T>(), rows = rows_of(out[0])] {
      for (std::int64_t i = 0; i < rows.count; ++i) {
        for (std::int64_t j = 0; j < rows.width; ++j) {
          to[i * rows.width + j] = static_cast<T>(class_of(labels[i], rows.width) == j);
        }
      }
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

}  // namespace banach::reference
