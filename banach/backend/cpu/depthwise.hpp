#pragma once

#include <banach/backend/cpu/conv.hpp>

namespace banach::cpu {

// Convolutions of every channel with filters of its own: shape.groups is shape.channels, and
// shape.filters a multiple of it. Products of one channel with itself are no matrices, so these are
// loops along the channels. `scratch` is 64-byte aligned.

/// y = epilogue(x * w), where the epilogue's rows_per_sample is height' width'.
void depthwise_forward(float* y, const float* x, const float* w, const ConvShape& shape,
                       const EpilogueArguments& epilogue, std::byte* scratch);
std::size_t depthwise_forward_scratch_bytes(const ConvShape& shape);

/// dx from dy and w.
void depthwise_input_grad(float* dx, const float* dy, const float* w, const ConvShape& shape,
                          std::byte* scratch);
std::size_t depthwise_input_grad_scratch_bytes(const ConvShape& shape);

/// dw from x and dy, summed in slices of the rows that depend on the shape only.
void depthwise_kernel_grad(float* dw, const float* x, const float* dy, const ConvShape& shape,
                           std::byte* scratch);
std::size_t depthwise_kernel_grad_scratch_bytes(const ConvShape& shape);

}  // namespace banach::cpu
