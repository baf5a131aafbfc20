#include <banach/backend/cuda/launch.cuh>
#include <banach/backend/cuda/move.cuh>
#include <banach/backend/cuda/shape.hpp>

namespace banach::cuda {
namespace {

template <class Index, class T>
__global__ void gather_kernel(T* y, const T* x, Walk<1> walk) {
  for_each_element(
      walk.size,
      [&](std::int64_t i) {
        std::int64_t at[1];
        walk.locate<Index>(i, at);
        return x[at[0]];
      },
      [&](std::int64_t i, T value) { y[i] = value; });
}

template <class T>
Status gather(T* y, const T* x, const Walk<1>& walk) {
  return walk.is_small() ? launch_elements(gather_kernel<std::uint32_t, T>, walk.size, y, x, walk)
                         : launch_elements(gather_kernel<std::uint64_t, T>, walk.size, y, x, walk);
}

}  // namespace

Status gather(void* y, const void* x, const Walk<1>& walk, std::size_t element_bytes) {
  return visit_element(element_bytes, [&]<class T>() {
    return gather(static_cast<T*>(y), static_cast<const T*>(x), walk);
  });
}

Status copy_bytes(void* y, const void* x, std::int64_t bytes) {
  if (bytes == 0) return 0;
  return cudaMemcpyAsync(y, x, static_cast<std::size_t>(bytes), cudaMemcpyDeviceToDevice,
                         current_stream());
}

}  // namespace banach::cuda
