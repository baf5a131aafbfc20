// cuDNN's convolutions through its legacy interface: NHWC in float32, TF32, bfloat16 and float16,
// one deterministic algorithm each. PyTorch has used the same for its channels_last tensors since
// cuDNN 7.6.3.
#include <banach/backend/cuda/check.hpp>
#include <banach/backend/cuda/convolution_cudnn.hpp>
#include <banach/backend/cuda/stream.hpp>
#include <banach/backend/devices.hpp>

#include <cuda_runtime.h>
#include <cudnn.h>
#include <map>
#include <mutex>
#include <tuple>

namespace banach::cuda {
namespace {

constexpr auto kForward = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
constexpr auto kInputGrad = CUDNN_CONVOLUTION_BWD_DATA_ALGO_1;
constexpr auto kKernelGrad = CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1;

// A descriptor; null when there is none to be had.
template <class T, cudnnStatus_t (*kCreate)(T*), cudnnStatus_t (*kDestroy)(T)>
class Owned {
 public:
  Owned() {
    if (kCreate(&descriptor_) != CUDNN_STATUS_SUCCESS) descriptor_ = nullptr;
  }
  ~Owned() {
    if (descriptor_ != nullptr) kDestroy(descriptor_);
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  T get() const { return descriptor_; }

 private:
  T descriptor_ = nullptr;
};
using TensorDescriptor =
    Owned<cudnnTensorDescriptor_t, cudnnCreateTensorDescriptor, cudnnDestroyTensorDescriptor>;
using FilterDescriptor =
    Owned<cudnnFilterDescriptor_t, cudnnCreateFilterDescriptor, cudnnDestroyFilterDescriptor>;
using ConvolutionDescriptor = Owned<cudnnConvolutionDescriptor_t, cudnnCreateConvolutionDescriptor,
                                    cudnnDestroyConvolutionDescriptor>;

std::size_t aligned(std::size_t bytes) {
  constexpr std::size_t kAlignment = 256;
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

struct CudnnConv {
  CudnnConv(ConvProduct product, const ConvShape& shape, DType dtype, cudnnMathType_t math)
      : product(product), shape(shape), dtype(dtype), math(math) {}

  std::size_t bytes_of(std::int64_t elements) const {
    return static_cast<std::size_t>(elements) * size_of(dtype);
  }
  std::int64_t window() const {  // weights of a filter
    return std::int64_t{shape.size.height} * shape.size.width * shape.channels;
  }
  std::size_t x_bytes() const {
    return bytes_of(std::int64_t{shape.batch} * shape.height * shape.width * shape.channels);
  }
  std::size_t w_bytes() const { return bytes_of(window() * shape.filters); }
  std::size_t y_bytes() const {
    return bytes_of(std::int64_t{shape.batch} * shape.out_height * shape.out_width * shape.filters);
  }

  const ConvProduct product;
  const ConvShape shape;
  const DType dtype;
  const cudnnMathType_t math;
  TensorDescriptor x, y;
  FilterDescriptor w;  // (filters, height, width, channels), ours are transposed for it
  ConvolutionDescriptor convolution;
  std::size_t workspace_bytes = 0;
};

namespace {

// All that is shared in the process, and used by one thread at a time; lives until it ends.
struct Cudnn {
  using Key = std::tuple<int, ConvProduct, ConvShape, DType, cudnnMathType_t>;  // of a device

  std::mutex mutex;
  std::map<int, cudnnHandle_t> handles;  // by device; null where cuDNN does not work
  std::map<Key, std::shared_ptr<const CudnnConv>> found;
};
Cudnn& cudnn() {
  static Cudnn& shared = *new Cudnn;
  return shared;
}

int current_device() {
  int device = 0;
  cudaGetDevice(&device);
  return device;
}

// The current device's. The mutex must be held.
cudnnHandle_t handle() {
  const int device = current_device();
  cudnnHandle_t& handle = cudnn().handles[device];
  if (handle == nullptr) {
    cudaSetDevice(device);  // makes its context, should this be the thread's first call
    if (cudnnCreate(&handle) != CUDNN_STATUS_SUCCESS) handle = nullptr;
  }
  return handle;
}

cudnnDataType_t type_of(DType dtype) {
  switch (dtype) {
    case bfloat16: return CUDNN_DATA_BFLOAT16;
    case float16: return CUDNN_DATA_HALF;
    default: return CUDNN_DATA_FLOAT;
  }
}

bool describe(const CudnnConv& c) {
  const ConvShape& s = c.shape;
  const auto ok = [](cudnnStatus_t status) { return status == CUDNN_STATUS_SUCCESS; };
  const cudnnDataType_t type = type_of(c.dtype);
  if (c.x.get() == nullptr || c.y.get() == nullptr || c.w.get() == nullptr ||
      c.convolution.get() == nullptr) {
    return false;
  }
  return ok(cudnnSetTensor4dDescriptor(c.x.get(), CUDNN_TENSOR_NHWC, type, s.batch, s.channels,
                                       s.height, s.width)) &&
         ok(cudnnSetTensor4dDescriptor(c.y.get(), CUDNN_TENSOR_NHWC, type, s.batch, s.filters,
                                       s.out_height, s.out_width)) &&
         ok(cudnnSetFilter4dDescriptor(c.w.get(), type, CUDNN_TENSOR_NHWC, s.filters, s.channels,
                                       s.size.height, s.size.width)) &&
         ok(cudnnSetConvolution2dDescriptor(c.convolution.get(), s.before.height, s.before.width,
                                            s.strides.height, s.strides.width, s.dilation.height,
                                            s.dilation.width, CUDNN_CROSS_CORRELATION,
                                            CUDNN_DATA_FLOAT)) &&
         ok(cudnnSetConvolutionMathType(c.convolution.get(), c.math));
}

cudnnStatus_t find_workspace(cudnnHandle_t handle, CudnnConv& c) {
  std::size_t* bytes = &c.workspace_bytes;
  switch (c.product) {
    case ConvProduct::forward:
      return cudnnGetConvolutionForwardWorkspaceSize(
          handle, c.x.get(), c.w.get(), c.convolution.get(), c.y.get(), kForward, bytes);
    case ConvProduct::input_grad:
      return cudnnGetConvolutionBackwardDataWorkspaceSize(
          handle, c.w.get(), c.y.get(), c.convolution.get(), c.x.get(), kInputGrad, bytes);
    case ConvProduct::kernel_grad:
      return cudnnGetConvolutionBackwardFilterWorkspaceSize(
          handle, c.x.get(), c.y.get(), c.convolution.get(), c.w.get(), kKernelGrad, bytes);
  }
  return CUDNN_STATUS_NOT_SUPPORTED;
}

// With the filters as cuDNN has them.
cudnnStatus_t execute(cudnnHandle_t handle, const CudnnConv& c, void* out, const void* a,
                      const void* b, void* workspace) {
  constexpr float kOne = 1, kZero = 0;
  const std::size_t bytes = c.workspace_bytes;
  switch (c.product) {
    case ConvProduct::forward:
      return cudnnConvolutionForward(handle, &kOne, c.x.get(), a, c.w.get(), b, c.convolution.get(),
                                     kForward, workspace, bytes, &kZero, c.y.get(), out);
    case ConvProduct::input_grad:
      return cudnnConvolutionBackwardData(handle, &kOne, c.w.get(), b, c.y.get(), a,
                                          c.convolution.get(), kInputGrad, workspace, bytes, &kZero,
                                          c.x.get(), out);
    case ConvProduct::kernel_grad:
      return cudnnConvolutionBackwardFilter(handle, &kOne, c.x.get(), a, c.y.get(), b,
                                            c.convolution.get(), kKernelGrad, workspace, bytes,
                                            &kZero, c.w.get(), out);
  }
  return CUDNN_STATUS_NOT_SUPPORTED;
}

Status transpose(const CudnnConv& c, void* to, const void* from, std::int64_t rows,
                 std::int64_t columns) {
  const auto move = [&]<class T>() {
    return transpose_matrix(static_cast<T*>(to), static_cast<const T*>(from), rows, columns);
  };
  return is_half(c.dtype) ? move.template operator()<std::uint16_t>()
                          : move.template operator()<std::uint32_t>();
}

// Into the current stream, between the transpositions of the filters. The mutex must be held.
Status run(cudnnHandle_t handle, const CudnnConv& c, void* out, const void* a, const void* b,
           std::byte* scratch) {
  const bool makes_filters = c.product == ConvProduct::kernel_grad;
  std::byte* filters = scratch;
  std::byte* workspace = scratch + aligned(c.w_bytes());
  if (!makes_filters) {
    const Status status = transpose(c, filters, b, c.window(), c.shape.filters);
    if (status != 0) return status;
  }
  cudnnStatus_t status = cudnnSetStream(handle, current_stream());
  if (status == CUDNN_STATUS_SUCCESS) {
    status = makes_filters ? execute(handle, c, filters, a, b, workspace)
                           : execute(handle, c, out, a, filters, workspace);
  }
  if (status != CUDNN_STATUS_SUCCESS) return kCudnnStatus + static_cast<Status>(status);
  return makes_filters ? transpose(c, out, filters, c.shape.filters, c.window()) : 0;
}

// Runs it once, on memory of its own: only that tells for certain that it works, and cuDNN loads
// its kernels then, not while a graph is captured.
Status try_out(cudnnHandle_t handle, const CudnnConv& c) {
  cudaStream_t stream = nullptr;
  const cudaError_t made = cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  if (made != cudaSuccess) return made;
  const StreamScope scope(stream);
  const std::size_t x = aligned(c.x_bytes()), y = aligned(c.y_bytes()), w = aligned(c.w_bytes());
  constexpr std::size_t kOffset = 64;  // no better aligned than what programs place
  void* memory = nullptr;
  Status status = cudaMallocAsync(&memory, kOffset + x + y + w + scratch_bytes(c), stream);
  if (status == 0) {
    auto* images = static_cast<std::byte*>(memory) + kOffset;
    std::byte *gradients = images + x, *filters = gradients + y, *scratch = filters + w;
    switch (c.product) {
      case ConvProduct::forward:
        status = run(handle, c, gradients, images, filters, scratch);
        break;
      case ConvProduct::input_grad:
        status = run(handle, c, images, gradients, filters, scratch);
        break;
      case ConvProduct::kernel_grad:
        status = run(handle, c, filters, images, gradients, scratch);
        break;
    }
    cudaFreeAsync(memory, stream);
  }
  const cudaError_t done = cudaStreamSynchronize(stream);
  cudaStreamDestroy(stream);
  cudaGetLastError();  // resets it
  return status != 0 ? status : done;
}

// FMA: float32 as it is, without TF32's shorter fractions.
cudnnMathType_t math_of(DType dtype) {
  const bool matrix_units =
      is_half(dtype) || config::experimental::tensor_float_32_execution_enabled();
  return matrix_units ? CUDNN_TENSOR_OP_MATH : CUDNN_FMA_MATH;
}

// What an H100 did sooner, for 128 images of 9 to 32 pixels a side and 8 to 256 channels. Without
// matrix units cuDNN transposes images there and back, and own kernels apply the epilogue too; they
// fall behind where blocks of 64 columns have to read the image again.
bool is_faster(ConvProduct product, const ConvShape& s, cudnnMathType_t math) {
  constexpr int kColumns = 64, kManyChannels = 256;
  if (math != CUDNN_FMA_MATH) return true;
  switch (product) {
    case ConvProduct::forward: return s.filters > kColumns;
    case ConvProduct::input_grad: return s.channels > kColumns;
    case ConvProduct::kernel_grad: return s.channels >= kManyChannels;
  }
  return true;
}

// Its implicit products take their blocks from channels: a few of them do not fill one. It knows no
// padding but the same on both sides, which shows in the size of y.
bool is_for_cudnn(const ConvShape& s, DType dtype) {
  constexpr int kLeastChannels = 16;
  const auto output = [](int in, int before, int size, int stride, int dilation) {
    return (in + 2 * before - (size - 1) * dilation - 1) / stride + 1;
  };
  return (dtype == float32 || is_half(dtype)) && s.groups == 1 && s.batch > 0 &&
         s.channels >= kLeastChannels && s.filters >= kLeastChannels &&
         s.out_height == output(s.height, s.before.height, s.size.height, s.strides.height,
                                s.dilation.height) &&
         s.out_width ==
             output(s.width, s.before.width, s.size.width, s.strides.width, s.dilation.width);
}

// 0 where it can be run. The mutex must be held.
Status prepare(CudnnConv& c) {
  const cudnnHandle_t own = handle();
  if (own == nullptr) return kCudnnStatus + CUDNN_STATUS_NOT_INITIALIZED;
  cudnnStatus_t status = cudnnSetStream(own, nullptr);  // the stream of the last run is gone
  if (status == CUDNN_STATUS_SUCCESS && !describe(c)) status = CUDNN_STATUS_BAD_PARAM;
  if (status == CUDNN_STATUS_SUCCESS) status = find_workspace(own, c);
  return status == CUDNN_STATUS_SUCCESS ? try_out(own, c)
                                        : kCudnnStatus + static_cast<Status>(status);
}

// Whether a failure tells nothing about the convolution, as where memory is short just now.
bool may_pass(Status status) {
  switch (status) {
    case cudaErrorMemoryAllocation:
    case kCudnnStatus + CUDNN_STATUS_NOT_INITIALIZED:
    case kCudnnStatus + CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED:
    case kCudnnStatus + CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED: return true;
    default: return false;
  }
}

}  // namespace

std::shared_ptr<const CudnnConv> find_cudnn_conv(ConvProduct product, const ConvShape& shape,
                                                 DType dtype) {
  const cudnnMathType_t math = math_of(dtype);
  if (!is_for_cudnn(shape, dtype) || !is_faster(product, shape, math)) return nullptr;
  const std::scoped_lock lock(cudnn().mutex);
  const Cudnn::Key key{current_device(), product, shape, dtype, math};
  const auto known = cudnn().found.find(key);
  if (known != cudnn().found.end()) return known->second;
  const auto conv = std::make_shared<CudnnConv>(product, shape, dtype, math);
  const Status status = prepare(*conv);
  const std::shared_ptr<const CudnnConv> usable = status == 0 ? conv : nullptr;
  if (!may_pass(status)) cudnn().found.emplace(key, usable);
  return usable;
}

void open_cudnn() {
  const std::scoped_lock lock(cudnn().mutex);
  handle();
}

const std::byte* cudnn_shared() { return reinterpret_cast<const std::byte*>(&cudnn()); }

std::size_t scratch_bytes(const CudnnConv& conv) {
  return aligned(conv.w_bytes()) + aligned(conv.workspace_bytes);
}

Status cudnn_conv(const CudnnConv& conv, void* out, const void* a, const void* b,
                  std::byte* scratch) {
  const std::scoped_lock lock(cudnn().mutex);
  return run(handle(), conv, out, a, b, scratch);
}

}  // namespace banach::cuda
