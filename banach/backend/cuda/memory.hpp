#pragma once

#include <banach/backend/cuda/stream.hpp>
#include <banach/backend/gpu_module.hpp>

#include <memory>

struct CUmemPoolHandle_st;

namespace banach::cuda {

/// The memory of one GPU, given and taken back in the order of a stream, from a pool that keeps
/// what it has had.
class DeviceMemory {
 public:
  /// The current device's. Without memory growth most of what is free is taken at once.
  DeviceMemory(int ordinal, const GpuOptions& options, Stream stream);

  /// Zeroed. RuntimeError when the GPU, or the limit set for it, has not as much.
  Buffer allocate(std::size_t bytes) const;
  /// What is free, and of that what the limit allows.
  std::uint64_t available() const;
  config::MemoryInfo info() const;

 private:
  struct Use;

  void reserve();
  [[noreturn]] void refuse(std::size_t bytes) const;

  const int ordinal_;
  const GpuOptions options_;
  const Stream stream_;
  const std::shared_ptr<Use> use_;
  CUmemPoolHandle_st* pool_ = nullptr;  // the device's, cudaMemPool_t
};

/// Host memory that a GPU copies from and to by itself; DeviceError when there is none.
Buffer allocate_pinned(std::size_t bytes);

}  // namespace banach::cuda
