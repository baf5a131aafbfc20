#include <banach/backend/cuda/memory.hpp>
#include <banach/backend/cuda/of_step.hpp>
#include <banach/core/log.hpp>

#include <cuda_runtime.h>
#include <exception>
#include <fmt/format.h>
#include <limits>

namespace banach::cuda {
namespace {

// Where the host finds t and leaves y.
template <class T>
class HostCall {
 public:
  explicit HostCall(std::function<double(std::int64_t)> function)
      : function_(std::move(function)), stream_(current_stream()) {}
  ~HostCall() {
    cudaStreamSynchronize(stream_);  // what was launched may still call
  }
  HostCall(const HostCall&) = delete;
  HostCall& operator=(const HostCall&) = delete;

  Status enqueue(T* y, const std::int64_t* t) {
    const Stream stream = current_stream();
    cudaError_t status = cudaMemcpyAsync(host_t(), t, sizeof *t, cudaMemcpyDeviceToHost, stream);
    if (status == cudaSuccess) status = cudaLaunchHostFunc(stream, call, this);
    if (status != cudaSuccess) return status;
    return cudaMemcpyAsync(y, host_y(), sizeof *y, cudaMemcpyHostToDevice, stream);
  }

 private:
  std::int64_t* host_t() const { return reinterpret_cast<std::int64_t*>(memory_.data()); }
  T* host_y() const { return reinterpret_cast<T*>(memory_.data() + sizeof(std::int64_t)); }

  static void call(void* self) {
    const auto& to = *static_cast<HostCall*>(self);
    try {
      *to.host_y() = static_cast<T>(to.function_(*to.host_t()));
    } catch (const std::exception& error) {
      warn(fmt::format("[of_step] {}: the step gets NaN", error.what()));
      *to.host_y() = std::numeric_limits<T>::quiet_NaN();
    } catch (...) {
      *to.host_y() = std::numeric_limits<T>::quiet_NaN();
    }
  }

  const std::function<double(std::int64_t)> function_;
  const Buffer memory_ = allocate_pinned(sizeof(std::int64_t) + sizeof(T));
  const Stream stream_;
};

}  // namespace

template <class T>
Kernel make_of_step(T* y, const std::int64_t* t, std::function<double(std::int64_t)> function) {
  return Kernel([y, t, call = std::make_unique<HostCall<T>>(std::move(function))] {
    return call->enqueue(y, t);
  });
}

template Kernel make_of_step(float*, const std::int64_t*, std::function<double(std::int64_t)>);
template Kernel make_of_step(double*, const std::int64_t*, std::function<double(std::int64_t)>);

}  // namespace banach::cuda
