#include <banach/backend/cuda/reduce.cuh>
#include <banach/backend/cuda/reduce.hpp>
#include <banach/ops/functions.hpp>

#include <limits>

namespace banach::cuda {
namespace {

struct MaxOrNan {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return functions::Maximum::forward(a, b);
  }
};

// 1 for the rows that are as large as the largest.
template <class T, class Load>
struct LoadTies {
  Load load;
  const T* y;
  __device__ auto operator()(std::int64_t output) const {
    return [row = load(output), largest = y[output]](std::int64_t r) {
      return row(r) == largest ? T(1) : T(0);
    };
  }
};

template <class T, class Load>
struct SpreadToTies {
  T* dx;
  const T *dy, *y;
  Load load;
  __device__ void operator()(const Share& share, T count) const {
    const auto row = load(share.output);
    const T largest = y[share.output], gradient = dy[share.output] / count;
    for (std::int64_t r = share.first; r < share.end; r += share.step) {
      dx[load.offset(share.output, r)] = row(r) == largest ? gradient : T(0);
    }
  }
};

// {value * weight, weight} of a row, in double.
template <class T>
struct LoadWeighted {
  const T *values, *weights;
  __device__ auto operator()(std::int64_t) const {
    return [x = values, w = weights](std::int64_t r) {
      const double weight = w != nullptr ? static_cast<double>(w[r]) : 1;
      return Pair<double>{static_cast<double>(x[r]) * weight, weight};
    };
  }
};

template <class T>
struct StoreMean {
  T* mean;
  std::int64_t n;
  __device__ void operator()(const Share& share, Pair<double> sums) const {
    if (share.lane == 0) *mean = static_cast<T>(sums.first / static_cast<double>(n));
  }
};

template <class T>
struct AddToState {
  T* next;
  const T* state;
  double multiplier;
  __device__ void operator()(const Share& share, Pair<double> sums) const {
    if (share.lane != 0) return;
    next[0] = static_cast<T>(state[0] + multiplier * sums.first);
    next[1] = static_cast<T>(state[1] + multiplier * sums.second);
  }
};

template <class T>
__global__ void weighted_mean_grad_kernel(T* dvalues, const T* dmean, const T* weights,
                                          std::int64_t n) {
  for (std::int64_t i = first_element(); i < n; i += element_stride()) {
    dvalues[i] = *dmean * (weights != nullptr ? weights[i] : T(1)) / static_cast<T>(n);
  }
}

Tiling mean_tiling(std::int64_t n) { return make_tiling(1, n, 1); }

}  // namespace

std::size_t mean_scratch_bytes(std::int64_t n) {
  return mean_tiling(n).scratch_bytes(sizeof(Pair<double>));
}

template <class T>
Status sum(T* y, const T* x, const Reduction& r, std::byte* scratch) {
  return with_load(x, r, [&](auto load) {
    return reduce(make_tiling(r), Store<T>{y}, load, Sum{}, T(0), scratch);
  });
}

template <class T>
Status maximum(T* y, const T* x, const Reduction& r, std::byte* scratch) {
  return with_load(x, r, [&](auto load) {
    return reduce(make_tiling(r), Store<T>{y}, load, MaxOrNan{},
                  -std::numeric_limits<T>::infinity(), scratch);
  });
}

template <class T>
Status maximum_grad(T* dx, const T* dy, const T* x, const T* y, const Reduction& r,
                    std::byte* scratch) {
  return with_load(x, r, [&]<class Load>(Load load) {
    return reduce_and_spread(make_tiling(r), SpreadToTies<T, Load>{dx, dy, y, load},
                             LoadTies<T, Load>{load, y}, Sum{}, T(0), scratch);
  });
}

template <class T>
Status weighted_mean(T* mean, const T* values, const T* weights, std::int64_t n,
                     std::byte* scratch) {
  return reduce(mean_tiling(n), StoreMean<T>{mean, n}, LoadWeighted<T>{values, weights}, Sum{},
                Pair<double>{0, 0}, scratch);
}

template <class T>
Status accumulate_mean(T* next, const T* state, const T* values, const T* weights, std::int64_t n,
                       double multiplier, std::byte* scratch) {
  return reduce(mean_tiling(n), AddToState<T>{next, state, multiplier},
                LoadWeighted<T>{values, weights}, Sum{}, Pair<double>{0, 0}, scratch);
}

template <class T>
Status weighted_mean_grad(T* dvalues, const T* dmean, const T* weights, std::int64_t n) {
  return launch_elements(weighted_mean_grad_kernel<T>, n, dvalues, dmean, weights, n);
}

template Status sum(float*, const float*, const Reduction&, std::byte*);
template Status maximum(float*, const float*, const Reduction&, std::byte*);
template Status maximum_grad(float*, const float*, const float*, const float*, const Reduction&,
                             std::byte*);
template Status weighted_mean(float*, const float*, const float*, std::int64_t, std::byte*);
template Status accumulate_mean(float*, const float*, const float*, const float*, std::int64_t,
                                double, std::byte*);
template Status weighted_mean_grad(float*, const float*, const float*, std::int64_t);
template Status sum(double*, const double*, const Reduction&, std::byte*);
template Status maximum(double*, const double*, const Reduction&, std::byte*);
template Status maximum_grad(double*, const double*, const double*, const double*, const Reduction&,
                             std::byte*);
template Status weighted_mean(double*, const double*, const double*, std::int64_t, std::byte*);
template Status accumulate_mean(double*, const double*, const double*, const double*, std::int64_t,
                                double, std::byte*);
template Status weighted_mean_grad(double*, const double*, const double*, std::int64_t);

}  // namespace banach::cuda
