#pragma once

#include <banach/backend/backend.hpp>
#include <banach/ops/samples.hpp>

namespace banach::cuda {

/// An image and how it is made larger.
struct UpSampleShape {
  std::int64_t batch, height, width, channels;  // of the small image
  std::int64_t height_factor, width_factor;
  Interpolation interpolation;

  constexpr std::int64_t size() const { return batch * height * width * channels; }
  constexpr std::int64_t large_size() const { return size() * height_factor * width_factor; }
};

/// y (batch, height * height_factor, width * width_factor, channels) from x; float and double.
template <class T>
Status up_sample(T* y, const T* x, const UpSampleShape& shape);
/// dx from dy: each pixel's shares in those of the large image.
template <class T>
Status up_sample_grad(T* dx, const T* dy, const UpSampleShape& shape);

}  // namespace banach::cuda
