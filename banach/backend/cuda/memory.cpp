#include <banach/backend/cuda/check.hpp>
#include <banach/backend/cuda/memory.hpp>
#include <banach/core/errors.hpp>
#include <banach/core/memory.hpp>

#include <algorithm>
#include <cuda_runtime.h>
#include <fmt/format.h>
#include <mutex>

namespace banach::cuda {

// What is in use; buffers outlive the DeviceMemory that gave them.
struct DeviceMemory::Use {
  mutable std::mutex mutex;
  config::MemoryInfo bytes;

  bool take(std::size_t count, std::uint64_t limit) {
    const std::scoped_lock lock(mutex);
    if (limit > 0 && count > limit - std::min(limit, bytes.current)) return false;
    bytes.current += count;
    return true;
  }
  void given() {
    const std::scoped_lock lock(mutex);
    bytes.peak = std::max(bytes.peak, bytes.current);
  }
  void give_back(std::size_t count) {
    const std::scoped_lock lock(mutex);
    bytes.current -= count;
  }
};

DeviceMemory::DeviceMemory(int ordinal, const GpuOptions& options, Stream stream)
    : ordinal_(ordinal), options_(options), stream_(stream), use_(std::make_shared<Use>()) {
  check(cudaDeviceGetDefaultMemPool(&pool_, ordinal), "memory pool");
  std::uint64_t kept = UINT64_MAX;  // what was had once stays ours
  check(cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &kept), "memory pool");
  if (!options.memory_growth) reserve();
}

// As TensorFlow: what is free, less some for the libraries' kernels and other processes. The pool
// has it from then on. Not being able to is no error: memory grows then.
void DeviceMemory::reserve() {
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "memory of the GPU");
  const std::size_t others = std::max(std::size_t{512} << 20, total / 16);
  std::size_t bytes = free > 2 * others ? free - others : free / 2;
  if (options_.memory_limit > 0) bytes = std::min(bytes, options_.memory_limit);
  void* memory = nullptr;
  if (cudaMallocAsync(&memory, bytes, stream_) != cudaSuccess) {
    cudaGetLastError();  // resets it
    return;
  }
  check(cudaFreeAsync(memory, stream_), "memory of the GPU");
  check(cudaStreamSynchronize(stream_), "memory of the GPU");
}

// Of what the pool holds, the part that is not in use is free too.
std::uint64_t DeviceMemory::available() const {
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "memory of the GPU");
  std::uint64_t reserved = 0, used = 0;
  check(cudaMemPoolGetAttribute(pool_, cudaMemPoolAttrReservedMemCurrent, &reserved),
        "memory pool");
  check(cudaMemPoolGetAttribute(pool_, cudaMemPoolAttrUsedMemCurrent, &used), "memory pool");
  const std::uint64_t all = free + (reserved - std::min(reserved, used));
  if (options_.memory_limit == 0) return all;
  return std::min(all, options_.memory_limit - std::min(options_.memory_limit, info().current));
}

void DeviceMemory::refuse(std::size_t bytes) const {
  const std::string limit =
      options_.memory_limit > 0
          ? fmt::format(" of its memory_limit of {}", bytes_text(options_.memory_limit))
          : "";
  throw RuntimeError(fmt::format(
      "[memory] {} are needed on GPU:{} and {} are available{}, {} are in use", bytes_text(bytes),
      ordinal_, bytes_text(available()), limit, bytes_text(info().current)));
}

Buffer DeviceMemory::allocate(std::size_t bytes) const {
  if (bytes == 0) return {};
  if (!use_->take(bytes, options_.memory_limit)) refuse(bytes);
  void* memory = nullptr;
  if (const cudaError_t status = cudaMallocAsync(&memory, bytes, stream_); status != cudaSuccess) {
    cudaGetLastError();  // resets it
    use_->give_back(bytes);
    if (status == cudaErrorMemoryAllocation) refuse(bytes);
    check(status, "allocate");
  }
  use_->given();
  const auto release = [bytes, stream = stream_, use = use_](std::byte* pointer) {
    cudaFreeAsync(pointer, stream);
    use->give_back(bytes);
  };
  Buffer buffer({static_cast<std::byte*>(memory), release}, bytes);
  check(cudaMemsetAsync(memory, 0, bytes, stream_), "allocate");
  return buffer;
}

config::MemoryInfo DeviceMemory::info() const {
  const std::scoped_lock lock(use_->mutex);
  return use_->bytes;
}

Buffer allocate_pinned(std::size_t bytes) {
  void* memory = nullptr;
  const cudaError_t status = cudaMallocHost(&memory, std::max<std::size_t>(bytes, 1));
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // resets it
    throw RuntimeError(
        fmt::format("[memory] the system has not {} that a GPU can copy from", bytes_text(bytes)));
  }
  check(status, "pinned host memory");
  return {{static_cast<std::byte*>(memory), [](std::byte* pointer) { cudaFreeHost(pointer); }},
          bytes};
}

}  // namespace banach::cuda
