#include <banach/backend/cuda/launch.cuh>
#include <banach/backend/cuda/move.cuh>
#include <banach/backend/cuda/slice.hpp>

namespace banach::cuda {
namespace {

template <class Index, class T>
__global__ void pad_kernel(T* y, const T* x, Padding padding) {
  for_each_element(
      padding.size,
      [&](std::int64_t i) {
        const std::int64_t at = padding.locate<Index>(i);
        return at < 0 ? T() : x[at];
      },
      [&](std::int64_t i, T value) { y[i] = value; });
}

// Some of the parts, which fill the columns [first, first + width) of y.
struct Parts {
  static constexpr int kMost = 32;
  const void* x[kMost];
  std::int64_t begin[kMost + 1];  // columns, from `first` on
  std::int64_t first, width, y_columns;
};

template <class Index, class T>
__global__ void concatenate_kernel(T* y, std::int64_t rows, Parts parts) {
  const auto row_of = [&](std::int64_t i) {
    return static_cast<std::int64_t>(static_cast<Index>(i) / static_cast<Index>(parts.width));
  };
  for_each_element(
      rows * parts.width,
      [&](std::int64_t i) {
        const std::int64_t row = row_of(i), column = i - row * parts.width;
        int part = 0;
        while (column >= parts.begin[part + 1]) ++part;
        const std::int64_t columns = parts.begin[part + 1] - parts.begin[part];
        return static_cast<const T*>(parts.x[part])[row * columns + column - parts.begin[part]];
      },
      [&](std::int64_t i, T value) {
        const std::int64_t row = row_of(i);
        y[row * parts.y_columns + parts.first + i - row * parts.width] = value;
      });
}

template <class T>
Status concatenate_some(T* y, std::int64_t rows, const Parts& parts) {
  const std::int64_t n = rows * parts.width;
  return n <= INT32_MAX ? launch_elements(concatenate_kernel<std::uint32_t, T>, n, y, rows, parts)
                        : launch_elements(concatenate_kernel<std::uint64_t, T>, n, y, rows, parts);
}

}  // namespace

// An axis without padding is one with the axis before it.
Padding::Padding(const Shape& shape, const Shape& zeros, const Shape& small) : size(shape.size()) {
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const bool merges = rank > 0 && shape[axis] == small[axis];
    if (!merges) {
      dims[rank] = inner[rank] = 1;
      before[rank++] = zeros[axis];
    } else {
      before[rank - 1] *= shape[axis];
    }
    dims[rank - 1] *= shape[axis];
    inner[rank - 1] *= small[axis];
  }
}

Status pad(void* y, const void* x, const Padding& padding, std::size_t element_bytes) {
  if (padding.size == 0) return 0;
  Padding wide = padding;
  std::size_t unit = element_bytes;
  if (const int last = padding.rank - 1; last >= 0) {
    const auto bytes = static_cast<std::int64_t>(element_bytes);
    unit = std::min({unit_of(y), unit_of(x),
                     unit_of({padding.dims[last] * bytes, padding.before[last] * bytes,
                              padding.inner[last] * bytes})});
    const std::int64_t elements = static_cast<std::int64_t>(unit) / bytes;
    wide.dims[last] /= elements;
    wide.before[last] /= elements;
    wide.inner[last] /= elements;
    wide.size /= elements;
  }
  return visit_unit(unit, [&]<class T>() {
    const auto kernel =
        wide.size <= INT32_MAX ? pad_kernel<std::uint32_t, T> : pad_kernel<std::uint64_t, T>;
    return launch_elements(kernel, wide.size, static_cast<T*>(y), static_cast<const T*>(x), wide);
  });
}

Status concatenate(void* y, std::span<const Part> parts, std::int64_t rows,
                   std::size_t element_bytes) {
  const auto bytes = static_cast<std::int64_t>(element_bytes);
  std::size_t unit = unit_of(y);
  std::int64_t y_columns = 0;
  for (const Part& part : parts) {
    unit = std::min({unit, unit_of(part.x), unit_of({part.columns * bytes})});
    y_columns += part.columns;
  }
  const std::int64_t elements = static_cast<std::int64_t>(unit) / bytes;
  Parts some{};
  some.y_columns = y_columns / elements;
  for (std::size_t i = 0; i < parts.size(); some.first += some.width) {
    some.width = 0;
    for (int k = 0; k < Parts::kMost && i < parts.size(); ++k, ++i) {
      some.x[k] = parts[i].x;
      some.width += parts[i].columns / elements;
      some.begin[k + 1] = some.width;
    }
    const Status status = visit_unit(
        unit, [&]<class T>() { return concatenate_some(static_cast<T*>(y), rows, some); });
    if (status != 0) return status;
  }
  return 0;
}

}  // namespace banach::cuda
