#include <banach/backend/cuda/launch.cuh>
#include <banach/backend/cuda/pooling.hpp>
#include <banach/core/bfloat16.hpp>
#include <banach/core/float16.hpp>

namespace banach::cuda {
namespace {

// A range of rows or columns.
struct Range {
  int begin, end;
};

__device__ Range clipped(int begin, int end, int limit) {
  return {begin > 0 ? begin : 0, end < limit ? end : limit};
}

// What of a window lies in the image, along one axis.
__device__ Range window_at(int out, int size, int stride, int before, int limit) {
  const int begin = out * stride - before;
  return clipped(begin, begin + size, limit);
}

// The windows that a pixel lies in, along one axis.
__device__ Range windows_of(int in, int size, int stride, int before, int limit) {
  const int last = in + before, first = last - size + 1;
  return clipped(first > 0 ? (first + stride - 1) / stride : 0, last / stride + 1, limit);
}

struct Window {
  Range rows, columns;
  __device__ int pixels() const { return (rows.end - rows.begin) * (columns.end - columns.begin); }
};

__device__ Window window_at(const PoolShape& s, int row, int column) {
  return {window_at(row, s.size_height, s.stride_height, s.before_height, s.height),
          window_at(column, s.size_width, s.stride_width, s.before_width, s.width)};
}

// Where element i of an image of this height and width is.
struct Position {
  __device__ Position(const PoolShape& s, std::int64_t i, int height, int width) {
    const std::int64_t pixel = quotient(i, s.channels), line = quotient(pixel, width);
    channel = static_cast<int>(i - pixel * s.channels);
    column = static_cast<int>(pixel - line * width);
    sample = quotient(line, height);
    row = static_cast<int>(line - sample * height);
  }
  std::int64_t sample;
  int row, column, channel;
};

__device__ std::int64_t in_offset(const PoolShape& s, const Position& p, int row, int column) {
  return ((p.sample * s.height + row) * s.width + column) * s.channels + p.channel;
}
__device__ std::int64_t out_offset(const PoolShape& s, const Position& p, int row, int column) {
  return ((p.sample * s.out_height + row) * s.out_width + column) * s.channels + p.channel;
}

template <class T>
__device__ std::int64_t first_maximum(const T* x, const PoolShape& s, const Position& p,
                                      const Window& w) {
  std::int64_t best = in_offset(s, p, w.rows.begin, w.columns.begin);
  T most = x[best];
  for (int row = w.rows.begin; row < w.rows.end; ++row) {
    for (int column = w.columns.begin; column < w.columns.end; ++column) {
      const std::int64_t at = in_offset(s, p, row, column);
      const T value = x[at];
      if (most < value) {
        best = at;
        most = value;
      }
    }
  }
  return best;
}

template <class T>
__global__ void max_pool_kernel(T* y, const T* x, std::int64_t size, PoolShape s) {
  for (std::int64_t i = first_element(); i < size; i += element_stride()) {
    const Position p(s, i, s.out_height, s.out_width);
    y[i] = x[first_maximum(x, s, p, window_at(s, p.row, p.column))];
  }
}

template <class T>
__global__ void average_pool_kernel(T* y, const T* x, std::int64_t size, PoolShape s) {
  for (std::int64_t i = first_element(); i < size; i += element_stride()) {
    const Position p(s, i, s.out_height, s.out_width);
    const Window w = window_at(s, p.row, p.column);
    Computed<T> sum = 0;
    for (int row = w.rows.begin; row < w.rows.end; ++row) {
      for (int column = w.columns.begin; column < w.columns.end; ++column) {
        sum += static_cast<Computed<T>>(x[in_offset(s, p, row, column)]);
      }
    }
    y[i] = static_cast<T>(sum / static_cast<Computed<T>>(w.pixels()));
  }
}

// The gradients are gathered, so that no two threads add to one pixel: sum over the windows that
// element i lies in of part(window, place of its dy).
template <class C, class Part>
__device__ C sum_over_windows(const PoolShape& s, const Position& p, const Part& part) {
  const Range rows =
      windows_of(p.row, s.size_height, s.stride_height, s.before_height, s.out_height);
  const Range columns =
      windows_of(p.column, s.size_width, s.stride_width, s.before_width, s.out_width);
  C sum = 0;
  for (int row = rows.begin; row < rows.end; ++row) {
    for (int column = columns.begin; column < columns.end; ++column) {
      sum += part(window_at(s, row, column), out_offset(s, p, row, column));
    }
  }
  return sum;
}

template <class T>
__global__ void max_pool_grad_kernel(T* dx, const T* dy, const T* x, std::int64_t size,
                                     PoolShape s) {
  for (std::int64_t i = first_element(); i < size; i += element_stride()) {
    const Position p(s, i, s.height, s.width);
    dx[i] =
        static_cast<T>(sum_over_windows<Computed<T>>(s, p, [&](const Window& w, std::int64_t out) {
          return first_maximum(x, s, p, w) == i ? static_cast<Computed<T>>(dy[out])
                                                : Computed<T>(0);
        }));
  }
}

// Where windows lie side by side, a thread writes what belongs to its window: the last ones of an
// image own what is left of it too.
bool are_side_by_side(const PoolShape& s) {
  return s.stride_height == s.size_height && s.stride_width == s.size_width;
}

template <class T>
__global__ void max_pool_grad_side_by_side_kernel(T* dx, const T* dy, const T* x, std::int64_t size,
                                                  PoolShape s) {
  for (std::int64_t i = first_element(); i < size; i += element_stride()) {
    const Position p(s, i, s.out_height, s.out_width);
    const Window w = window_at(s, p.row, p.column);
    const std::int64_t best = first_maximum(x, s, p, w);
    const int last_row = p.row + 1 == s.out_height ? s.height : w.rows.end;
    const int last_column = p.column + 1 == s.out_width ? s.width : w.columns.end;
    for (int row = w.rows.begin; row < last_row; ++row) {
      for (int column = w.columns.begin; column < last_column; ++column) {
        const std::int64_t at = in_offset(s, p, row, column);
        dx[at] = at == best ? dy[i] : static_cast<T>(0);
      }
    }
  }
}

template <class T>
__global__ void average_pool_grad_kernel(T* dx, const T* dy, std::int64_t size, PoolShape s) {
  for (std::int64_t i = first_element(); i < size; i += element_stride()) {
    const Position p(s, i, s.height, s.width);
    dx[i] =
        static_cast<T>(sum_over_windows<Computed<T>>(s, p, [&](const Window& w, std::int64_t out) {
          return static_cast<Computed<T>>(dy[out]) / static_cast<Computed<T>>(w.pixels());
        }));
  }
}

std::int64_t in_size(const PoolShape& s) { return s.batch * s.height * s.width * s.channels; }
std::int64_t out_size(const PoolShape& s) {
  return s.batch * s.out_height * s.out_width * s.channels;
}

}  // namespace

template <class T>
Status max_pool(T* y, const T* x, const PoolShape& shape) {
  return launch_elements(max_pool_kernel<T>, out_size(shape), y, x, out_size(shape), shape);
}

template <class T>
Status average_pool(T* y, const T* x, const PoolShape& shape) {
  return launch_elements(average_pool_kernel<T>, out_size(shape), y, x, out_size(shape), shape);
}

template <class T>
Status max_pool_grad(T* dx, const T* dy, const T* x, const PoolShape& shape) {
  if (are_side_by_side(shape)) {
    return launch_elements(max_pool_grad_side_by_side_kernel<T>, out_size(shape), dx, dy, x,
                           out_size(shape), shape);
  }
  return launch_elements(max_pool_grad_kernel<T>, in_size(shape), dx, dy, x, in_size(shape), shape);
}

template <class T>
Status average_pool_grad(T* dx, const T* dy, const PoolShape& shape) {
  return launch_elements(average_pool_grad_kernel<T>, in_size(shape), dx, dy, in_size(shape),
                         shape);
}

template Status max_pool(float*, const float*, const PoolShape&);
template Status max_pool(double*, const double*, const PoolShape&);
template Status max_pool(BFloat16*, const BFloat16*, const PoolShape&);
template Status max_pool(Float16*, const Float16*, const PoolShape&);
template Status average_pool(float*, const float*, const PoolShape&);
template Status average_pool(double*, const double*, const PoolShape&);
template Status average_pool(BFloat16*, const BFloat16*, const PoolShape&);
template Status average_pool(Float16*, const Float16*, const PoolShape&);
template Status max_pool_grad(float*, const float*, const float*, const PoolShape&);
template Status max_pool_grad(double*, const double*, const double*, const PoolShape&);
template Status max_pool_grad(BFloat16*, const BFloat16*, const BFloat16*, const PoolShape&);
template Status max_pool_grad(Float16*, const Float16*, const Float16*, const PoolShape&);
template Status average_pool_grad(float*, const float*, const PoolShape&);
template Status average_pool_grad(double*, const double*, const PoolShape&);
template Status average_pool_grad(BFloat16*, const BFloat16*, const PoolShape&);
template Status average_pool_grad(Float16*, const Float16*, const PoolShape&);

}  // namespace banach::cuda
