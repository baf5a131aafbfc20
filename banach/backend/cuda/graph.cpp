#include <banach/backend/cuda/check.hpp>
#include <banach/backend/cuda/destroy.hpp>
#include <banach/backend/cuda/graph.hpp>

#include <algorithm>
#include <cstdlib>
#include <cuda_runtime.h>
#include <memory>
#include <type_traits>

namespace banach::cuda {
namespace {

using Graph = std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, Destroy<cudaGraphDestroy>>;
using Executable =
    std::unique_ptr<std::remove_pointer_t<cudaGraphExec_t>, Destroy<cudaGraphExecDestroy>>;
using OwnedStream = std::unique_ptr<CUstream_st, Destroy<cudaStreamDestroy>>;

using Nodes = std::vector<cudaGraphNode_t>;

// What is to be done before that which a capturing stream gets next.
cudaError_t last_nodes(cudaStream_t stream, Nodes& nodes) {
  cudaStreamCaptureStatus capturing = cudaStreamCaptureStatusNone;
  const cudaGraphNode_t* first = nullptr;
  std::size_t count = 0;
#if CUDART_VERSION >= 13000
  const cudaError_t status =
      cudaStreamGetCaptureInfo(stream, &capturing, nullptr, nullptr, &first, nullptr, &count);
#else
  const cudaError_t status =
      cudaStreamGetCaptureInfo_v2(stream, &capturing, nullptr, nullptr, &first, &count);
#endif
  if (status == cudaSuccess) nodes.assign(first, first + count);
  return status;
}

// Adds a kernel after the given nodes; its own last ones.
Nodes add_kernel(cudaGraph_t graph, const Kernel& kernel, const Nodes& after, cudaStream_t stream) {
  check(cudaStreamBeginCaptureToGraph(stream, graph, after.data(), nullptr, after.size(),
                                      cudaStreamCaptureModeRelaxed),
        "capture");
  const Status status = kernel();
  Nodes last;
  const cudaError_t asked = last_nodes(stream, last);
  const cudaError_t ended = cudaStreamEndCapture(stream, &graph);
  check(status, "capture of a kernel");
  check(asked, "capture");
  check(ended, "capture");
  return last;
}

// BANACH_CUDA_SERIAL=1 runs kernels strictly one after the other, to tell a race from other errors.
std::vector<std::vector<std::size_t>> dependencies_of(std::span<const Access> accesses) {
  const char* serial = std::getenv("BANACH_CUDA_SERIAL");
  return serial != nullptr && serial[0] == '1' ? chain_dependencies(accesses.size())
                                               : find_dependencies(accesses);
}

// In a stream of its own, so that other threads may go on with theirs; relaxed, because a kernel
// that is used for the first time is loaded meanwhile.
Graph capture(std::span<const Kernel> kernels, std::span<const Access> accesses) {
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "stream");
  const OwnedStream owned(stream);
  const StreamScope scope(stream);
  cudaGraph_t graph = nullptr;
  check(cudaGraphCreate(&graph, 0), "graph");
  Graph result(graph);
  const auto dependencies = dependencies_of(accesses);
  std::vector<Nodes> last;  // of each kernel
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    Nodes after;
    for (const std::size_t earlier : dependencies[i]) {
      after.insert(after.end(), last[earlier].begin(), last[earlier].end());
    }
    std::ranges::sort(after);
    after.erase(std::unique(after.begin(), after.end()), after.end());
    last.push_back(add_kernel(graph, kernels[i], after, stream));
  }
  return result;
}

}  // namespace

Kernel capture_graph(std::span<const Kernel> kernels, std::span<const Access> accesses,
                     Stream stream) {
  if (kernels.empty()) return Kernel([] {});
  const Graph graph = capture(kernels, accesses);
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
