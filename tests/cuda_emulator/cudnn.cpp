// cuDNN's convolutions: naive loops behind strict arguments. To be seen by tests, dilated ones are
// not supported, and of those with a stride and dilation only the execution says so.
#include <banach/core/bfloat16.hpp>
#include <banach/core/float16.hpp>

#include <cstring>
#include <cudnn.h>
#include <mutex>
#include <tests/cuda_emulator/device_memory.hpp>
#include <tests/cuda_emulator/tf32.hpp>
#include <vector>

struct cudnnContext {
  int device = 0;
  cudaStream_t stream = nullptr;
};
struct cudnnTensorStruct {
  cudnnTensorFormat_t format = CUDNN_TENSOR_NCHW;
  cudnnDataType_t type = CUDNN_DATA_DOUBLE;
  int n = 0, c = 0, h = 0, w = 0;
};
struct cudnnFilterStruct : cudnnTensorStruct {};  // n filters
struct cudnnConvolutionStruct {
  int pad_h = 0, pad_w = 0, stride_h = 0, stride_w = 0, dilation_h = 0, dilation_w = 0;
  cudnnConvolutionMode_t mode = CUDNN_CONVOLUTION;
  cudnnDataType_t compute = CUDNN_DATA_DOUBLE;
  cudnnMathType_t math = CUDNN_DEFAULT_MATH;
};

namespace {

using Tensor = cudnnTensorStruct;
constexpr std::size_t kWorkspace = 1000;  // bytes

int output(int in, int pad, int size, int stride, int dilation) {
  return (in + 2 * pad - (size - 1) * dilation - 1) / stride + 1;
}

struct Convolution {
  Tensor x, w, y;
  cudnnConvolutionStruct c;

  bool is_nhwc() const {
    return x.format == CUDNN_TENSOR_NHWC && w.format == CUDNN_TENSOR_NHWC &&
           y.format == CUDNN_TENSOR_NHWC;
  }
  bool fits() const {
    return x.n == y.n && x.c == w.c && y.c == w.n &&
           y.h == output(x.h, c.pad_h, w.h, c.stride_h, c.dilation_h) &&
           y.w == output(x.w, c.pad_w, w.w, c.stride_w, c.dilation_w);
  }
  // PyTorch, too, takes cuDNN's NHWC for all but float64.
  bool is_supported_type() const {
    if (x.type != w.type || w.type != y.type || c.compute != CUDNN_DATA_FLOAT) return false;
    if (x.type == CUDNN_DATA_FLOAT) return c.math != CUDNN_DEFAULT_MATH;
    const bool half = x.type == CUDNN_DATA_BFLOAT16 || x.type == CUDNN_DATA_HALF;
    return half && c.math == CUDNN_TENSOR_OP_MATH;
  }
  bool is_dilated() const { return c.dilation_h > 1 || c.dilation_w > 1; }
  bool is_strided() const { return c.stride_h > 1 || c.stride_w > 1; }

  cudnnStatus_t check(bool executes) const {
    if (!fits()) return CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH;
    if (c.mode != CUDNN_CROSS_CORRELATION) return CUDNN_STATUS_BAD_PARAM;
    if (!is_nhwc() || !is_supported_type()) return CUDNN_STATUS_NOT_SUPPORTED;
    if (is_dilated() && (executes || !is_strided())) return CUDNN_STATUS_NOT_SUPPORTED;
    return CUDNN_STATUS_SUCCESS;
  }
};

std::size_t offset(const Tensor& t, int n, int h, int w, int c) {
  return ((std::size_t(n) * std::size_t(t.h) + std::size_t(h)) * std::size_t(t.w) +
          std::size_t(w)) *
             std::size_t(t.c) +
         std::size_t(c);
}

// f(x offset, w offset, y offset) for every product.
template <class F>
void for_each_product(const Convolution& v, const F& f) {
  for (int n = 0; n < v.y.n; ++n)
    for (int oh = 0; oh < v.y.h; ++oh)
      for (int ow = 0; ow < v.y.w; ++ow)
        for (int r = 0; r < v.w.h; ++r)
          for (int s = 0; s < v.w.w; ++s) {
            const int ih = oh * v.c.stride_h + r * v.c.dilation_h - v.c.pad_h;
            const int iw = ow * v.c.stride_w + s * v.c.dilation_w - v.c.pad_w;
            if (ih < 0 || ih >= v.x.h || iw < 0 || iw >= v.x.w) continue;
            for (int k = 0; k < v.w.n; ++k)
              for (int c = 0; c < v.w.c; ++c)
                f(offset(v.x, n, ih, iw, c), offset(v.w, k, r, s, c), offset(v.y, n, oh, ow, k));
          }
}

std::size_t size(const Tensor& t) { return offset(t, t.n, 0, 0, 0); }

double read(const Tensor& t, cudnnMathType_t math, const void* data, std::size_t i) {
  if (t.type == CUDNN_DATA_BFLOAT16) return static_cast<const banach::BFloat16*>(data)[i];
  if (t.type == CUDNN_DATA_HALF) return static_cast<const banach::Float16*>(data)[i];
  const float value = static_cast<const float*>(data)[i];
  return math == CUDNN_FMA_MATH ? value : emulator::to_tf32(value);
}
template <class T>
void write_as(void* data, const std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    static_cast<T*>(data)[i] = static_cast<T>(values[i]);
  }
}
void write(const Tensor& t, void* data, const std::vector<double>& values) {
  switch (t.type) {
    case CUDNN_DATA_BFLOAT16: return write_as<banach::BFloat16>(data, values);
    case CUDNN_DATA_HALF: return write_as<banach::Float16>(data, values);
    default: return write_as<float>(data, values);
  }
}

struct Workspace {
  void* memory;
  std::size_t bytes;
};

cudnnStatus_t check_memory(const void* a, const void* b, const void* out, const Workspace& space) {
  for (const void* memory : {a, b, out, const_cast<const void*>(space.memory)}) {
    if (memory == nullptr) return CUDNN_STATUS_BAD_PARAM_NULL_POINTER;
    if (!emulator::is_on_device(memory)) return CUDNN_STATUS_BAD_PARAM;
    if (reinterpret_cast<std::uintptr_t>(memory) % 16 != 0) {
      return CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER;
    }
  }
  return space.bytes < kWorkspace ? CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT : CUDNN_STATUS_SUCCESS;
}

bool is_one_and_zero(const void* alpha, const void* beta) {
  return *static_cast<const float*>(alpha) == 1 && *static_cast<const float*>(beta) == 0;
}

// `add(sums, x offset, w offset, y offset)` collects the products of `out`.
template <class Add>
cudnnStatus_t execute(cudnnHandle_t handle, const Convolution& convolution, const Tensor& out,
                      void* to, const Workspace& space, Add add) {
  int device = -1;
  cudaGetDevice(&device);
  if (handle->stream == nullptr || device != handle->device) return CUDNN_STATUS_BAD_PARAM;
  const cudaError_t error = emulator::enqueue(handle->stream, [=] {
    std::memset(space.memory, 0xCD, space.bytes);
    std::vector<double> sums(size(out));
    for_each_product(convolution, [&](auto x, auto w, auto y) { add(sums.data(), x, w, y); });
    write(out, to, sums);
    return cudaSuccess;
  });
  return error == cudaSuccess ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_EXECUTION_FAILED;
}

cudnnStatus_t workspace_size(const Convolution& convolution, std::size_t* bytes) {
  *bytes = kWorkspace;
  return convolution.check(false);
}

// Whether a call's arguments are fine.
cudnnStatus_t check(const Convolution& convolution, const void* a, const void* b, const void* out,
                    const Workspace& space, const void* alpha, const void* beta) {
  if (const cudnnStatus_t status = convolution.check(true); status != CUDNN_STATUS_SUCCESS) {
    return status;
  }
  return is_one_and_zero(alpha, beta) ? check_memory(a, b, out, space) : CUDNN_STATUS_BAD_PARAM;
}

template <class T>
cudnnStatus_t create(T** made) {
  *made = new T;
  return CUDNN_STATUS_SUCCESS;
}
template <class T>
cudnnStatus_t destroy(T* made) {
  delete made;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t set(Tensor& tensor, const Tensor& value) {
  if (value.n < 1 || value.c < 1 || value.h < 1 || value.w < 1) return CUDNN_STATUS_BAD_PARAM;
  tensor = value;
  return CUDNN_STATUS_SUCCESS;
}

}  // namespace

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  create(handle);
  cudaGetDevice(&(*handle)->device);
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnCreateTensorDescriptor(cudnnTensorDescriptor_t* made) { return create(made); }
cudnnStatus_t cudnnCreateFilterDescriptor(cudnnFilterDescriptor_t* made) { return create(made); }
cudnnStatus_t cudnnCreateConvolutionDescriptor(cudnnConvolutionDescriptor_t* made) {
  return create(made);
}
cudnnStatus_t cudnnDestroyTensorDescriptor(cudnnTensorDescriptor_t made) { return destroy(made); }
cudnnStatus_t cudnnDestroyFilterDescriptor(cudnnFilterDescriptor_t made) { return destroy(made); }
cudnnStatus_t cudnnDestroyConvolutionDescriptor(cudnnConvolutionDescriptor_t made) {
  return destroy(made);
}
cudnnStatus_t cudnnSetTensor4dDescriptor(cudnnTensorDescriptor_t tensor, cudnnTensorFormat_t format,
                                         cudnnDataType_t type, int n, int c, int h, int w) {
  return set(*tensor, {format, type, n, c, h, w});
}
cudnnStatus_t cudnnSetFilter4dDescriptor(cudnnFilterDescriptor_t filter, cudnnDataType_t type,
                                         cudnnTensorFormat_t format, int k, int c, int h, int w) {
  return set(*filter, {format, type, k, c, h, w});
}
cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnConvolutionDescriptor_t convolution, int pad_h,
                                              int pad_w, int u, int v, int dilation_h,
                                              int dilation_w, cudnnConvolutionMode_t mode,
                                              cudnnDataType_t compute) {
  *convolution = {pad_h, pad_w, u, v, dilation_h, dilation_w, mode, compute, convolution->math};
  const bool valid = pad_h >= 0 && pad_w >= 0 && u > 0 && v > 0 && dilation_h > 0 && dilation_w > 0;
  return valid ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_BAD_PARAM;
}
cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t convolution,
                                          cudnnMathType_t math) {
  convolution->math = math;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(
    cudnnHandle_t, const cudnnTensorDescriptor_t x, const cudnnFilterDescriptor_t w,
    const cudnnConvolutionDescriptor_t c, const cudnnTensorDescriptor_t y,
    cudnnConvolutionFwdAlgo_t, std::size_t* bytes) {
  return workspace_size({*x, *w, *y, *c}, bytes);
}
cudnnStatus_t cudnnGetConvolutionBackwardDataWorkspaceSize(
    cudnnHandle_t, const cudnnFilterDescriptor_t w, const cudnnTensorDescriptor_t dy,
    const cudnnConvolutionDescriptor_t c, const cudnnTensorDescriptor_t dx,
    cudnnConvolutionBwdDataAlgo_t, std::size_t* bytes) {
  return workspace_size({*dx, *w, *dy, *c}, bytes);
}
cudnnStatus_t cudnnGetConvolutionBackwardFilterWorkspaceSize(
    cudnnHandle_t, const cudnnTensorDescriptor_t x, const cudnnTensorDescriptor_t dy,
    const cudnnConvolutionDescriptor_t c, const cudnnFilterDescriptor_t dw,
    cudnnConvolutionBwdFilterAlgo_t, std::size_t* bytes) {
  return workspace_size({*x, *dw, *dy, *c}, bytes);
}

cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t handle, const void* alpha,
                                      const cudnnTensorDescriptor_t x_is, const void* x,
                                      const cudnnFilterDescriptor_t w_is, const void* w,
                                      const cudnnConvolutionDescriptor_t c,
                                      cudnnConvolutionFwdAlgo_t, void* workspace, std::size_t bytes,
                                      const void* beta, const cudnnTensorDescriptor_t y_is,
                                      void* y) {
  const Convolution v{*x_is, *w_is, *y_is, *c};
  const Workspace space{workspace, bytes};
  if (const auto status = check(v, x, w, y, space, alpha, beta); status != 0) return status;
  return execute(handle, v, v.y, y, space, [=](double* sums, auto xi, auto wi, auto yi) {
    sums[yi] += read(v.x, v.c.math, x, xi) * read(v.w, v.c.math, w, wi);
  });
}
cudnnStatus_t cudnnConvolutionBackwardData(cudnnHandle_t handle, const void* alpha,
                                           const cudnnFilterDescriptor_t w_is, const void* w,
                                           const cudnnTensorDescriptor_t dy_is, const void* dy,
                                           const cudnnConvolutionDescriptor_t c,
                                           cudnnConvolutionBwdDataAlgo_t, void* workspace,
                                           std::size_t bytes, const void* beta,
                                           const cudnnTensorDescriptor_t dx_is, void* dx) {
  const Convolution v{*dx_is, *w_is, *dy_is, *c};
  const Workspace space{workspace, bytes};
  if (const auto status = check(v, dy, w, dx, space, alpha, beta); status != 0) return status;
  return execute(handle, v, v.x, dx, space, [=](double* sums, auto xi, auto wi, auto yi) {
    sums[xi] += read(v.y, v.c.math, dy, yi) * read(v.w, v.c.math, w, wi);
  });
}
cudnnStatus_t cudnnConvolutionBackwardFilter(cudnnHandle_t handle, const void* alpha,
                                             const cudnnTensorDescriptor_t x_is, const void* x,
                                             const cudnnTensorDescriptor_t dy_is, const void* dy,
                                             const cudnnConvolutionDescriptor_t c,
                                             cudnnConvolutionBwdFilterAlgo_t, void* workspace,
                                             std::size_t bytes, const void* beta,
                                             const cudnnFilterDescriptor_t dw_is, void* dw) {
  const Convolution v{*x_is, *dw_is, *dy_is, *c};
  const Workspace space{workspace, bytes};
  if (const auto status = check(v, x, dy, dw, space, alpha, beta); status != 0) return status;
  return execute(handle, v, v.w, dw, space, [=](double* sums, auto xi, auto wi, auto yi) {
    sums[wi] += read(v.x, v.c.math, x, xi) * read(v.y, v.c.math, dy, yi);
  });
}
