#include <banach/backend/cuda/check.hpp>
#include <banach/backend/cuda/destroy.hpp>
#include <banach/backend/cuda/graph.hpp>

#include <cuda_runtime.h>
#include <memory>
#include <type_traits>

namespace banach::cuda {
namespace {

using Graph = std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, Destroy<cudaGraphDestroy>>;
using Executable =
    std::unique_ptr<std::remove_pointer_t<cudaGraphExec_t>, Destroy<cudaGraphExecDestroy>>;
using OwnedStream = std::unique_ptr<CUstream_st, Destroy<cudaStreamDestroy>>;

// A stream of its own, so that other threads may go on with theirs; relaxed, because a kernel that
// is used for the first time is loaded meanwhile.
Graph capture(std::span<const Kernel> kernels) {
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "stream");
  const OwnedStream owned(stream);
  const StreamScope scope(stream);
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed), "capture");
  Status status = 0;
  for (const Kernel& kernel : kernels) {
    if (status = kernel(); status != 0) break;
  }
  cudaGraph_t graph = nullptr;
  const cudaError_t ended = cudaStreamEndCapture(stream, &graph);
  Graph result(graph);
  check(status, "capture of a kernel");
  check(ended, "capture");
  return result;
}

}  // namespace

Kernel capture_graph(std::span<const Kernel> kernels, Stream stream) {
  if (kernels.empty()) return Kernel([] {});
  const Graph graph = capture(kernels);
  cudaGraphExec_t executable = nullptr;
  check(cudaGraphInstantiate(&executable, graph.get()), "graph");
  int device = 0;
  check(cudaGetDevice(&device), "graph");
  return Kernel([owned = Executable(executable), stream, device]() -> Status {
    const cudaError_t status = cudaSetDevice(device);
    return status != cudaSuccess ? status : cudaGraphLaunch(owned.get(), stream);
  });
}

}  // namespace banach::cuda
