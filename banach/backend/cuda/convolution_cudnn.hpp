#pragma once

#include <banach/backend/cuda/convolution.hpp>

#include <memory>

namespace banach::cuda {

/// Which of a convolution's three products; of y (out, x, w), (dx, dy, w) and (dw, x, dy).
enum class ConvProduct { forward, input_grad, kernel_grad };

/// One of them as cuDNN computes it.
struct CudnnConv;

/// Null where own kernels are as good, or cuDNN does not take it.
std::shared_ptr<const CudnnConv> find_cudnn_conv(ConvProduct product, const ConvShape& shape,
                                                 DType dtype);
/// Makes what the current device needs for cudnn_conv, which may not be made while a graph is
/// captured.
void open_cudnn();
/// Its kernels run one after the other (Prepared::shared): they have one cuDNN handle.
const std::byte* cudnn_shared();
std::size_t scratch_bytes(const CudnnConv& conv);
Status cudnn_conv(const CudnnConv& conv, void* out, const void* a, const void* b,
                  std::byte* scratch);

}  // namespace banach::cuda
