#pragma once

#include <banach/backend/cpu/conv.hpp>

namespace banach::cpu {

// Winograd's F(2 x 2, 3 x 3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
// 2016): a 4 x 4 tile d of the image and a kernel g of 3 x 3 become 2 x 2 pixels of the result,
//   Y = A^T [(G g G^T) . (B^T d B)] A,
// with 16 multiplications a channel and filter in place of 36. For each of the 16 places, tiles and
// channels, channels and filters are a product of two matrices.

/// Whether conv_forward, conv_input_grad and conv_kernel_grad take this way: by the shape alone.
bool use_winograd(const ConvShape& shape);
/// Takes it wherever it works, or nowhere, from now on, for tests and measurements; programs made
/// before must not run meanwhile.
enum class Winograd { never, where_faster, always };
void choose_winograd(Winograd choice);

// What the functions of conv.hpp do where use_winograd.

void winograd_forward(float* y, const float* x, const float* w, const ConvShape& shape,
                      const EpilogueArguments& epilogue, std::byte* scratch);
void winograd_forward(BFloat16* y, const float* x, const float* w, const ConvShape& shape,
                      const EpilogueArguments& epilogue, std::byte* scratch);
std::size_t winograd_forward_scratch_bytes(const ConvShape& shape, DType y);

void winograd_input_grad(float* dx, const float* dy, const float* w, const ConvShape& shape,
                         std::byte* scratch);
std::size_t winograd_input_grad_scratch_bytes(const ConvShape& shape);

void winograd_kernel_grad(float* dw, const float* x, const float* dy, const ConvShape& shape,
                          std::byte* scratch);
void winograd_kernel_grad(float* dw, const float* x, const BFloat16* dy, const ConvShape& shape,
                          std::byte* scratch);
std::size_t winograd_kernel_grad_scratch_bytes(const ConvShape& shape, DType dy);

}  // namespace banach::cpu
