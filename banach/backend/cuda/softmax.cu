#include <banach/backend/cuda/softmax.hpp>
#include <banach/backend/cuda/team.cuh>
#include <banach/ops/labels.hpp>

#include <cmath>
#include <limits>

namespace banach::cuda {
namespace {

// The targets of one row; NaN for what is not the number of a class.
template <class T>
struct Targets {
  const T* distribution;  // (columns,), or null
  std::int64_t label;

  __device__ Targets(const T* targets, const Row& row, std::int64_t columns, bool sparse)
      : distribution(sparse ? nullptr : targets + row.index * columns),
        label(sparse && row.exists ? class_of(targets[row.index], columns) : -1) {}
  __device__ T operator[](std::int64_t j) const {
    if (distribution != nullptr) return distribution[j];
    return label < 0 ? std::numeric_limits<T>::quiet_NaN() : static_cast<T>(j == label);
  }
};

// max(x) and sum(exp(x - max(x))).
template <class T>
struct Exponentials {
  T largest, sum;
};
template <class Team, class T>
__device__ Exponentials<T> exponentials_of(Team team, const Row& row, const T* x) {
  T largest = -std::numeric_limits<T>::infinity(), sum = 0;
  for (std::int64_t j = row.lane; j < row.end; j += row.step) largest = Max{}(largest, x[j]);
  largest = team.reduce(largest, Max{});
  for (std::int64_t j = row.lane; j < row.end; j += row.step) sum += std::exp(x[j] - largest);
  return {largest, team.reduce(sum, Sum{})};
}

// Before its first element a thread knows none, so that of equal ones the first is found, as
// std::max_element does, whose first element stays when it is NaN.
template <class T>
__device__ Best<T> no_best(const Row& row) {
  return {-std::numeric_limits<T>::infinity(), row.lane};
}
template <class T>
__device__ void look_at(Best<T>& best, T value, std::int64_t j) {
  if (value > best.value) best = {value, static_cast<int>(j)};
}

template <class T, class Team>
__global__ void softmax_kernel(T* y, const T* x, std::int64_t rows, std::int64_t columns,
                               Team team) {
  for_each_row(team, rows, columns, [&](const Row& row) {
    const T* from = x + row.index * columns;
    T* to = y + row.index * columns;
    const Exponentials<T> e = exponentials_of(team, row, from);
    for (std::int64_t j = row.lane; j < row.end; j += row.step) {
      to[j] = std::exp(from[j] - e.largest) / e.sum;
    }
  });
}

template <class T, class Team>
__global__ void softmax_grad_kernel(T* dx, const T* dy, const T* y, std::int64_t rows,
                                    std::int64_t columns, Team team) {
  for_each_row(team, rows, columns, [&](const Row& row) {
    const std::int64_t at = row.index * columns;
    T dot = 0;
    for (std::int64_t j = row.lane; j < row.end; j += row.step) dot += dy[at + j] * y[at + j];
    dot = team.reduce(dot, Sum{});
    for (std::int64_t j = row.lane; j < row.end; j += row.step) {
      dx[at + j] = y[at + j] * (dy[at + j] - dot);
    }
  });
}

template <class T, class Team>
__device__ void store_match(T* match, Team team, const Row& row, Best<T> score, Best<T> target,
                            std::int64_t label, bool sparse) {
  score = team.reduce(score, First{});
  const std::int64_t expected = sparse ? label : team.reduce(target, First{}).index;
  if (row.leads()) match[row.index] = score.index == expected ? T(1) : T(0);
}

template <class T, class Team>
__global__ void crossentropy_kernel(T* loss, T* y, T* match, const T* x, const T* targets,
                                    std::int64_t rows, std::int64_t columns, bool sparse,
                                    Team team) {
  for_each_row(team, rows, columns, [&](const Row& row) {
    const T* from = x + row.index * columns;
    const Targets<T> target(targets, row, columns, sparse);
    const Exponentials<T> e = exponentials_of(team, row, from);
    const T log_sum = std::log(e.sum);
    T sum = 0;
    Best<T> score = no_best<T>(row), expected = no_best<T>(row);
    for (std::int64_t j = row.lane; j < row.end; j += row.step) {
      const T z = from[j] - e.largest, t = target[j], p = std::exp(z) / e.sum;
      if (t != 0) sum += t * (log_sum - z);
      y[row.index * columns + j] = p;
      look_at(score, p, j);
      look_at(expected, t, j);
    }
    sum = team.reduce(sum, Sum{});
    if (row.leads()) loss[row.index] = sum;
    if (match != nullptr) {
      store_match(match, team, row, score, expected, target.label, sparse);
    }
  });
}

template <class T, class Team>
__global__ void crossentropy_grad_kernel(T* dx, const T* dloss, const T* y, const T* targets,
                                         std::int64_t rows, std::int64_t columns, bool sparse,
                                         Team team) {
  for_each_row(team, rows, columns, [&](const Row& row) {
    const std::int64_t at = row.index * columns;
    const Targets<T> target(targets, row, columns, sparse);
    T sum = 0;
    for (std::int64_t j = row.lane; j < row.end; j += row.step) sum += target[j];
    sum = team.reduce(sum, Sum{});
    for (std::int64_t j = row.lane; j < row.end; j += row.step) {
      dx[at + j] = dloss[row.index] * (sum * y[at + j] - target[j]);
    }
  });
}

template <class T, class Team>
__global__ void match_kernel(T* match, const T* targets, const T* scores, std::int64_t rows,
                             std::int64_t columns, bool sparse, Team team) {
  for_each_row(team, rows, columns, [&](const Row& row) {
    const Targets<T> target(targets, row, columns, sparse);
    Best<T> score = no_best<T>(row), expected = no_best<T>(row);
    for (std::int64_t j = row.lane; j < row.end; j += row.step) {
      look_at(score, scores[row.index * columns + j], j);
      look_at(expected, target[j], j);
    }
    store_match(match, team, row, score, expected, target.label, sparse);
  });
}

template <class T>
__global__ void one_hot_kernel(T* y, const T* labels, std::int64_t n, std::int64_t columns) {
  for (std::int64_t i = first_element(); i < n; i += element_stride()) {
    y[i] = static_cast<T>(class_of(labels[i / columns], columns) == i % columns);
  }
}

}  // namespace

template <class T>
Status softmax(T* y, const T* x, std::int64_t rows, std::int64_t columns) {
  return with_team(rows, columns, [=]<class Team>(Team team, std::int64_t blocks) {
    return launch(softmax_kernel<T, Team>, blocks, kThreads, y, x, rows, columns, team);
  });
}

template <class T>
Status softmax_grad(T* dx, const T* dy, const T* y, std::int64_t rows, std::int64_t columns) {
  return with_team(rows, columns, [=]<class Team>(Team team, std::int64_t blocks) {
    return launch(softmax_grad_kernel<T, Team>, blocks, kThreads, dx, dy, y, rows, columns, team);
  });
}

template <class T>
Status softmax_crossentropy(T* loss, T* y, T* match, const T* x, const T* targets,
                            std::int64_t rows, std::int64_t columns, bool sparse) {
  return with_team(rows, columns, [=]<class Team>(Team team, std::int64_t blocks) {
    return launch(crossentropy_kernel<T, Team>, blocks, kThreads, loss, y, match, x, targets, rows,
                  columns, sparse, team);
  });
}

template <class T>
Status softmax_crossentropy_grad(T* dx, const T* dloss, const T* y, const T* targets,
                                 std::int64_t rows, std::int64_t columns, bool sparse) {
  return with_team(rows, columns, [=]<class Team>(Team team, std::int64_t blocks) {
    return launch(crossentropy_grad_kernel<T, Team>, blocks, kThreads, dx, dloss, y, targets, rows,
                  columns, sparse, team);
  });
}

template <class T>
Status categorical_match(T* match, const T* targets, const T* scores, std::int64_t rows,
                         std::int64_t columns, bool sparse) {
  return with_team(rows, columns, [=]<class Team>(Team team, std::int64_t blocks) {
    return launch(match_kernel<T, Team>, blocks, kThreads, match, targets, scores, rows, columns,
                  sparse, team);
  });
}

template <class T>
Status one_hot(T* y, const T* labels, std::int64_t rows, std::int64_t columns) {
  const std::int64_t n = rows * columns;
  return launch_elements(one_hot_kernel<T>, n, y, labels, n, columns);
}

template Status softmax(float*, const float*, std::int64_t, std::int64_t);
template Status softmax_grad(float*, const float*, const float*, std::int64_t, std::int64_t);
template Status softmax_crossentropy(float*, float*, float*, const float*, const float*,
                                     std::int64_t, std::int64_t, bool);
template Status softmax_crossentropy_grad(float*, const float*, const float*, const float*,
                                          std::int64_t, std::int64_t, bool);
template Status categorical_match(float*, const float*, const float*, std::int64_t, std::int64_t,
                                  bool);
template Status one_hot(float*, const float*, std::int64_t, std::int64_t);
template Status softmax(double*, const double*, std::int64_t, std::int64_t);
template Status softmax_grad(double*, const double*, const double*, std::int64_t, std::int64_t);
template Status softmax_crossentropy(double*, double*, double*, const double*, const double*,
                                     std::int64_t, std::int64_t, bool);
template Status softmax_crossentropy_grad(double*, const double*, const double*, const double*,
                                          std::int64_t, std::int64_t, bool);
template Status categorical_match(double*, const double*, const double*, std::int64_t, std::int64_t,
                                  bool);
template Status one_hot(double*, const double*, std::int64_t, std::int64_t);

}  // namespace banach::cuda
