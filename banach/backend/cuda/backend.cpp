#include <banach/backend/cuda/backend.hpp>
#include <banach/backend/cuda/check.hpp>
#include <banach/backend/cuda/graph.hpp>
#include <banach/backend/cuda/memory.hpp>
#include <banach/backend/cuda/rows.hpp>
#include <banach/backend/cuda/stage.hpp>

#include <cuda_runtime.h>
#include <fmt/format.h>

namespace banach::cuda {
namespace {

Stream make_stream(int ordinal) {
  const std::string name = fmt::format("GPU:{}", ordinal);
  check(cudaSetDevice(ordinal), name);
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), name);
  return stream;
}

// Lives until the process ends, and so does its stream: buffers are given back to it.
class CudaBackend final : public Backend {
 public:
  CudaBackend(int ordinal, const GpuOptions& options)
      : ordinal_(ordinal),
        stream_(make_stream(ordinal)),
        memory_(ordinal, options, stream_),
        rows_(all_rows()) {}

  std::string name() const override { return fmt::format("cuda:{}", ordinal_); }
  Buffer allocate(std::size_t bytes) const override {
    use();
    return memory_.allocate(bytes);
  }
  void write(std::byte* to, const void* from, std::size_t bytes) const override {
    use();
    if (bytes == 0) return;
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_), "write");
  }
  void read(void* to, const std::byte* from, std::size_t bytes) const override {
    use();
    if (bytes == 0) return;
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_), "read");
    check(cudaStreamSynchronize(stream_), "a step");
  }
  std::uint64_t available() const override {
    use();
    return memory_.available();
  }
  bool is_host() const override { return false; }

  std::span<const KernelRow> kernels() const override {
    use();  // rows that are found are prepared next, and ask what this GPU can do
    return rows_;
  }
  Kernel make_runner(std::span<const Kernel> kernels,
                     std::span<const Access> accesses) const override {
    use();
    return capture_graph(kernels, accesses, stream_);
  }
  std::unique_ptr<InputStage> make_stage(const Views& inputs) const override {
    use();
    return make_double_stage(inputs, stream_);
  }
  void synchronize() const override {
    use();
    check(cudaStreamSynchronize(stream_), "a step");
  }
  std::string explain(Status status) const override { return cuda::explain(status); }

  const DeviceMemory& memory() const { return memory_; }

 private:
  // Makes this GPU the current one of the thread.
  void use() const {
    check(cudaSetDevice(ordinal_), name());
    set_current_stream(stream_);
  }

  const int ordinal_;
  const Stream stream_;
  const DeviceMemory memory_;
  const std::vector<KernelRow> rows_;
};

}  // namespace

BackendPtr make_backend(int ordinal, const GpuOptions& options) {
  return std::make_shared<CudaBackend>(ordinal, options);
}

config::MemoryInfo memory_info(const Backend& backend) {
  return static_cast<const CudaBackend&>(backend).memory().info();
}

}  // namespace banach::cuda
