#pragma once

#include <banach/backend/cpu/epilogue.hpp>
#include <banach/core/dtype.hpp>
#include <banach/core/threads.hpp>
#include <banach/ops/window.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace banach::cpu {

/// A convolution of x (batch, height, width, channels) with w (size, channels / groups, filters)
/// to y (batch, height', width', filters), all dense: Keras' layouts.
struct ConvShape {
  std::int64_t batch = 0, height = 0, width = 0, channels = 0, filters = 0, groups = 1;
  Window window;
  int threads = config::num_threads();  ///< at most so many work on it; the scratch is for them

  Size2 output() const { return window.output({height, width}); }
  std::int64_t group_channels() const { return channels / groups; }
  std::int64_t group_filters() const { return filters / groups; }
  std::int64_t taps() const { return window.size.height * window.size.width; }
};

// The patches of the image are never stored: the register tile of gemm reads them where they lie;
// or, for most kernels of 3 x 3, Winograd's algorithm takes over (winograd.hpp).
// Result bits do not depend on the number of threads. `scratch` is 64-byte aligned.

/// "gemm:avx2" or "winograd:avx2": what the functions below do.
std::string conv_implementation(const ConvShape& shape);

/// y = epilogue(x * w), where the epilogue's rows_per_sample is height' width'. A y of bfloat16 is
/// rounded while its pixels are still cached.
void conv_forward(float* y, const float* x, const float* w, const ConvShape& shape,
                  const EpilogueArguments& epilogue, std::byte* scratch);
void conv_forward(BFloat16* y, const float* x, const float* w, const ConvShape& shape,
                  const EpilogueArguments& epilogue, std::byte* scratch);
std::size_t conv_forward_scratch_bytes(const ConvShape& shape, DType y = float32);

/// dx from dy and w: the convolution of dy with the kernel turned around; a stride of s leaves s
/// interleaved parts of dx, each with its own taps.
void conv_input_grad(float* dx, const float* dy, const float* w, const ConvShape& shape,
                     std::byte* scratch);
std::size_t conv_input_grad_scratch_bytes(const ConvShape& shape);

/// dw from x and dy, summed in slices of the batch that depend on the shape only.
void conv_kernel_grad(float* dw, const float* x, const float* dy, const ConvShape& shape,
                      std::byte* scratch);
void conv_kernel_grad(float* dw, const float* x, const BFloat16* dy, const ConvShape& shape,
                      std::byte* scratch);
std::size_t conv_kernel_grad_scratch_bytes(const ConvShape& shape, DType dy = float32);

}  // namespace banach::cpu
