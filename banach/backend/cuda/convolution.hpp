#pragma once

#include <banach/backend/cuda/epilogue.hpp>

#include <compare>

namespace banach::cuda {

struct HeightWidth {
  int height, width;
  auto operator<=>(const HeightWidth&) const = default;
};

/// Sizes of y = x * w: x (batch, height, width, channels), w (size.height, size.width, channels /
/// groups, filters), y (batch, out_height, out_width, filters). Below 2^31 pixels.
struct ConvShape {
  int batch, height, width, channels;
  int out_height, out_width, filters;
  int groups;
  HeightWidth size, strides, dilation, before;  // of the window; padding before the first pixel
  auto operator<=>(const ConvShape&) const = default;
};

// Own kernels, for float, double, BFloat16 and Float16; halves are summed in float.

/// y = epilogue(x * w).
template <class T>
Status conv_forward(T* y, const T* x, const T* w, const ConvShape& shape,
                    const EpilogueArguments& epilogue);
/// In one kernel, where fuses_epilogue() says so; for all but double.
template <class T>
Status fused_conv_forward(T* y, const T* x, const T* w, const ConvShape& shape,
                          const EpilogueArguments& epilogue);
bool fuses_epilogue(const ConvShape& shape, const EpilogueArguments& epilogue);

template <class T>
Status conv_input_grad(T* dx, const T* dy, const T* w, const ConvShape& shape);

/// Sums over parts of the pixels, which depend on the shape alone, are added in a fixed order.
template <class T>
Status conv_kernel_grad(T* dw, const T* x, const T* dy, const ConvShape& shape, std::byte* scratch);
std::size_t conv_kernel_grad_scratch_bytes(const ConvShape& shape, DType dtype);

/// to (columns, rows) = from (rows, columns); of elements of 2 or 4 bytes.
template <class T>
Status transpose_matrix(T* to, const T* from, std::int64_t rows, std::int64_t columns);

}  // namespace banach::cuda
