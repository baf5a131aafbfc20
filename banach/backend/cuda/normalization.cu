#include <banach/backend/cuda/normalization.hpp>
#include <banach/backend/cuda/reduce.cuh>
#include <banach/backend/cuda/team.cuh>

#include <cmath>

namespace banach::cuda {
namespace {

template <class T>
__device__ T inverse_deviation(T variance, double epsilon) {
  return T(1) / std::sqrt(variance + static_cast<T>(epsilon));
}

// {x, x^2}: in double their difference loses nothing of what float32 holds, and one pass does.
template <class T>
struct LoadSquares {
  const T* x;
  std::int64_t channels;
  __device__ auto operator()(std::int64_t channel) const {
    return [from = x + channel, step = channels](std::int64_t r) {
      const auto value = static_cast<double>(from[r * step]);
      return Pair<double>{value, value * value};
    };
  }
};

template <class T>
struct Normalize {
  T *y, *mean, *variance;
  const T *x, *gamma, *beta;
  std::int64_t rows, channels;
  double epsilon;

  __device__ void operator()(const Share& share, Pair<double> sums) const {
    const auto count = static_cast<double>(rows);
    const std::int64_t c = share.output;
    const double m = sums.first / count, v = sums.second / count - m * m;
    const T centre = static_cast<T>(m), spread = static_cast<T>(v < 0 ? 0 : v);
    if (share.lane == 0 && share.part == 0) {
      mean[c] = centre;
      variance[c] = spread;
    }
    const T scale = gamma[c] * inverse_deviation(spread, epsilon), shift = beta[c];
    for (std::int64_t r = share.first; r < share.end; r += share.step) {
      y[r * channels + c] = (x[r * channels + c] - centre) * scale + shift;
    }
  }
};

// {dy, dy xhat} of a channel's row, xhat = (x - mean) / sqrt(variance + epsilon).
template <class T>
struct LoadChannelGrads {
  const T *dy, *x, *mean, *variance;
  std::int64_t channels;
  double epsilon;
  __device__ auto operator()(std::int64_t c) const {
    return [dy = dy + c, x = x + c, step = channels, centre = mean[c],
            inverse = inverse_deviation(variance[c], epsilon)](std::int64_t r) {
      const T g = dy[r * step];
      return Pair<T>{g, g * ((x[r * step] - centre) * inverse)};
    };
  }
};

// dx = gamma / s (dy - mean(dy) - xhat mean(dy xhat))   (Ioffe & Szegedy 2015, section 3)
template <class T>
struct SpreadChannelGrads {
  T *dx, *dgamma, *dbeta;
  const T *dy, *x, *gamma, *mean, *variance;
  std::int64_t rows, channels;
  double epsilon;

  __device__ void operator()(const Share& share, Pair<T> sums) const {
    const std::int64_t c = share.output;
    if (share.lane == 0 && share.part == 0) {
      dbeta[c] = sums.first;
      dgamma[c] = sums.second;
    }
    const T inverse = inverse_deviation(variance[c], epsilon), centre = mean[c];
    const T mean_g = sums.first / static_cast<T>(rows),
            mean_gx = sums.second / static_cast<T>(rows);
    for (std::int64_t r = share.first; r < share.end; r += share.step) {
      const std::int64_t at = r * channels + c;
      const T xhat = (x[at] - centre) * inverse;
      dx[at] = gamma[c] * inverse * (dy[at] - mean_g - xhat * mean_gx);
    }
  }
};

template <class T, class Team>
__global__ void layer_norm_kernel(T* y, T* mean, T* rstd, const T* x, const T* gamma, const T* beta,
                                  std::int64_t rows, std::int64_t columns, double epsilon,
                                  Team team) {
  for_each_row(team, rows, columns, [&](const Row& row) {
    const T* from = x + row.index * columns;
    T* to = y + row.index * columns;
    T sum = 0, squares = 0;
    for (std::int64_t j = row.lane; j < row.end; j += row.step) sum += from[j];
    const T centre = team.reduce(sum, Sum{}) / static_cast<T>(columns);
    for (std::int64_t j = row.lane; j < row.end; j += row.step) {
      squares += (from[j] - centre) * (from[j] - centre);
    }
    squares = team.reduce(squares, Sum{});
    const T inverse = inverse_deviation(squares / static_cast<T>(columns), epsilon);
    for (std::int64_t j = row.lane; j < row.end; j += row.step) {
      to[j] = (from[j] - centre) * inverse * gamma[j] + beta[j];
    }
    if (row.leads()) {
      mean[row.index] = centre;
      rstd[row.index] = inverse;
    }
  });
}

// With g = dy gamma: dx = rstd (g - mean(g) - xhat mean(g xhat))   (Ba et al. 2016)
template <class T, class Team>
__global__ void layer_norm_grad_kernel(T* dx, const T* dy, const T* x, const T* gamma,
                                       const T* mean, const T* rstd, std::int64_t rows,
                                       std::int64_t columns, Team team) {
  for_each_row(team, rows, columns, [&](const Row& row) {
    const std::int64_t at = row.index * columns;
    const T centre = row.exists ? mean[row.index] : T(0);
    const T inverse = row.exists ? rstd[row.index] : T(0);
    T sum = 0, sum_x = 0;
    for (std::int64_t j = row.lane; j < row.end; j += row.step) {
      const T g = dy[at + j] * gamma[j];
      sum += g;
      sum_x += g * ((x[at + j] - centre) * inverse);
    }
    const T mean_g = team.reduce(sum, Sum{}) / static_cast<T>(columns);
    const T mean_gx = team.reduce(sum_x, Sum{}) / static_cast<T>(columns);
    for (std::int64_t j = row.lane; j < row.end; j += row.step) {
      const T xhat = (x[at + j] - centre) * inverse;
      dx[at + j] = inverse * (dy[at + j] * gamma[j] - mean_g - xhat * mean_gx);
    }
  });
}

// {dy, dy xhat} of a column's row, with the row's own moments.
template <class T>
struct LoadColumnGrads {
  const T *dy, *x, *mean, *rstd;
  std::int64_t columns;
  __device__ auto operator()(std::int64_t c) const {
    return [dy = dy + c, x = x + c, step = columns, mean = mean, rstd = rstd](std::int64_t r) {
      const T g = dy[r * step];
      return Pair<T>{g, g * ((x[r * step] - mean[r]) * rstd[r])};
    };
  }
};

template <class T>
struct StoreColumnGrads {
  T *dgamma, *dbeta;
  __device__ void operator()(const Share& share, Pair<T> sums) const {
    if (share.lane != 0) return;
    dbeta[share.output] = sums.first;
    dgamma[share.output] = sums.second;
  }
};

Tiling column_tiling(std::int64_t rows, std::int64_t columns) {
  return make_tiling(columns, rows, columns);
}

}  // namespace

std::size_t batch_norm_scratch_bytes(std::int64_t rows, std::int64_t channels) {
  return column_tiling(rows, channels).spread_scratch_bytes(sizeof(Pair<double>));
}

std::size_t layer_norm_grad_scratch_bytes(std::int64_t rows, std::int64_t columns) {
  return column_tiling(rows, columns).scratch_bytes(sizeof(Pair<double>));
}

template <class T>
Status batch_norm(T* y, T* mean, T* variance, const T* x, const T* gamma, const T* beta,
                  std::int64_t rows, std::int64_t channels, double epsilon, std::byte* scratch) {
  const Normalize<T> normalize{y, mean, variance, x, gamma, beta, rows, channels, epsilon};
  return reduce_and_spread(column_tiling(rows, channels), normalize, LoadSquares<T>{x, channels},
                           Sum{}, Pair<double>{0, 0}, scratch);
}

template <class T>
Status batch_norm_grad(T* dx, T* dgamma, T* dbeta, const T* dy, const T* x, const T* gamma,
                       const T* mean, const T* variance, std::int64_t rows, std::int64_t channels,
                       double epsilon, std::byte* scratch) {
  const LoadChannelGrads<T> load{dy, x, mean, variance, channels, epsilon};
  const SpreadChannelGrads<T> spread{dx,   dgamma,   dbeta, dy,       x,      gamma,
                                     mean, variance, rows,  channels, epsilon};
  return reduce_and_spread(column_tiling(rows, channels), spread, load, Sum{}, Pair<T>{0, 0},
                           scratch);
}

template <class T>
Status layer_norm(T* y, T* mean, T* rstd, const T* x, const T* gamma, const T* beta,
                  std::int64_t rows, std::int64_t columns, double epsilon) {
  return with_team(rows, columns, [=]<class Team>(Team team, std::int64_t blocks) {
    return launch(layer_norm_kernel<T, Team>, blocks, kThreads, y, mean, rstd, x, gamma, beta, rows,
                  columns, epsilon, team);
  });
}

template <class T>
Status layer_norm_grad(T* dx, T* dgamma, T* dbeta, const T* dy, const T* x, const T* gamma,
                       const T* mean, const T* rstd, std::int64_t rows, std::int64_t columns,
                       std::byte* scratch) {
  const Status status =  // first: dx may lie on dy
      reduce(column_tiling(rows, columns), StoreColumnGrads<T>{dgamma, dbeta},
             LoadColumnGrads<T>{dy, x, mean, rstd, columns}, Sum{}, Pair<T>{0, 0}, scratch);
  if (status != 0) return status;
  return with_team(rows, columns, [=]<class Team>(Team team, std::int64_t blocks) {
    return launch(layer_norm_grad_kernel<T, Team>, blocks, kThreads, dx, dy, x, gamma, mean, rstd,
                  rows, columns, team);
  });
}

template Status batch_norm(float*, float*, float*, const float*, const float*, const float*,
                           std::int64_t, std::int64_t, double, std::byte*);
template Status batch_norm_grad(float*, float*, float*, const float*, const float*, const float*,
                                const float*, const float*, std::int64_t, std::int64_t, double,
                                std::byte*);
template Status layer_norm(float*, float*, float*, const float*, const float*, const float*,
                           std::int64_t, std::int64_t, double);
template Status layer_norm_grad(float*, float*, float*, const float*, const float*, const float*,
                                const float*, const float*, std::int64_t, std::int64_t, std::byte*);
template Status batch_norm(double*, double*, double*, const double*, const double*, const double*,
                           std::int64_t, std::int64_t, double, std::byte*);
template Status batch_norm_grad(double*, double*, double*, const double*, const double*,
                                const double*, const double*, const double*, std::int64_t,
                                std::int64_t, double, std::byte*);
template Status layer_norm(double*, double*, double*, const double*, const double*, const double*,
                           std::int64_t, std::int64_t, double);
template Status layer_norm_grad(double*, double*, double*, const double*, const double*,
                                const double*, const double*, const double*, std::int64_t,
                                std::int64_t, std::byte*);

}  // namespace banach::cuda
