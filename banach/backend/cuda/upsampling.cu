#include <banach/backend/cuda/launch.cuh>
#include <banach/backend/cuda/upsampling.hpp>

namespace banach::cuda {
namespace {

struct Pixel {
  std::int64_t image, row, column, channel;
};

__device__ Pixel pixel_of(std::int64_t i, std::int64_t height, std::int64_t width,
                          std::int64_t channels) {
  const std::int64_t pixel = i / channels, row = pixel / width;
  return {row / height, row % height, pixel % width, i % channels};
}

template <class T>
__global__ void up_sample_kernel(T* y, const T* x, UpSampleShape s) {
  for (std::int64_t i = first_element(); i < s.large_size(); i += element_stride()) {
    const Pixel p = pixel_of(i, s.height * s.height_factor, s.width * s.width_factor, s.channels);
    const Sample row = sample_at(s.interpolation, p.row, s.height, s.height_factor);
    const Sample column = sample_at(s.interpolation, p.column, s.width, s.width_factor);
    const auto at = [&](std::int64_t h, std::int64_t w) {
      return x[((p.image * s.height + h) * s.width + w) * s.channels + p.channel];
    };
    if (s.interpolation == Interpolation::nearest) {
      y[i] = at(row.lower, column.lower);
      continue;
    }
    const T down = row.weight<T>(), right = column.weight<T>();
    y[i] = (1 - down) *
               ((1 - right) * at(row.lower, column.lower) + right * at(row.lower, column.upper)) +
           down * ((1 - right) * at(row.upper, column.lower) + right * at(row.upper, column.upper));
  }
}

// The rows of the large image in which row i may have a share; and its share in one.
struct Range {
  std::int64_t begin, end;
};
__device__ Range rows_from(Interpolation interpolation, std::int64_t i, std::int64_t size,
                           std::int64_t factor) {
  if (interpolation == Interpolation::nearest) return {i * factor, (i + 1) * factor};
  const std::int64_t begin = i * factor - (factor + 1) / 2, end = (i + 1) * factor + factor / 2;
  return {begin > 0 ? begin : 0, end < size * factor ? end : size * factor};
}
template <class T>
__device__ T share_of(const Sample& sample, std::int64_t i) {
  return (sample.lower == i ? 1 - sample.weight<T>() : 0) +
         (sample.upper == i ? sample.weight<T>() : 0);
}

template <class T>
__global__ void up_sample_grad_kernel(T* dx, const T* dy, UpSampleShape s) {
  const std::int64_t height = s.height * s.height_factor, width = s.width * s.width_factor;
  for (std::int64_t i = first_element(); i < s.size(); i += element_stride()) {
    const Pixel p = pixel_of(i, s.height, s.width, s.channels);
    const Range rows = rows_from(s.interpolation, p.row, s.height, s.height_factor);
    const Range columns = rows_from(s.interpolation, p.column, s.width, s.width_factor);
    T sum = 0;
    for (std::int64_t h = rows.begin; h < rows.end; ++h) {
      const T down = share_of<T>(sample_at(s.interpolation, h, s.height, s.height_factor), p.row);
      const T* line = dy + (p.image * height + h) * width * s.channels + p.channel;
      for (std::int64_t w = columns.begin; w < columns.end; ++w) {
        const T right =
            share_of<T>(sample_at(s.interpolation, w, s.width, s.width_factor), p.column);
        sum += down * right * line[w * s.channels];
      }
    }
    dx[i] = sum;
  }
}

}  // namespace

template <class T>
Status up_sample(T* y, const T* x, const UpSampleShape& shape) {
  return launch_elements(up_sample_kernel<T>, shape.large_size(), y, x, shape);
}

template <class T>
Status up_sample_grad(T* dx, const T* dy, const UpSampleShape& shape) {
  return launch_elements(up_sample_grad_kernel<T>, shape.size(), dx, dy, shape);
}

template Status up_sample(float*, const float*, const UpSampleShape&);
template Status up_sample(double*, const double*, const UpSampleShape&);
template Status up_sample_grad(float*, const float*, const UpSampleShape&);
template Status up_sample_grad(double*, const double*, const UpSampleShape&);

}  // namespace banach::cuda
