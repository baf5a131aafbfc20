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

// A node that is to be waited for, and how.
struct Edge {
  cudaGraphNode_t from;
  cudaGraphEdgeData data;
};
using Edges = std::vector<Edge>;

// What is to be done before that which a capturing stream gets next.
cudaError_t last_edges(cudaStream_t stream, Edges& edges) {
  cudaStreamCaptureStatus capturing = cudaStreamCaptureStatusNone;
  const cudaGraphNode_t* first = nullptr;
  const cudaGraphEdgeData* data = nullptr;  // null when all are plain
  std::size_t count = 0;
#if CUDART_VERSION >= 13000
  const cudaError_t status =
      cudaStreamGetCaptureInfo(stream, &capturing, nullptr, nullptr, &first, &data, &count);
#else
  const cudaError_t status =
      cudaStreamGetCaptureInfo_v3(stream, &capturing, nullptr, nullptr, &first, &data, &count);
#endif
  if (status != cudaSuccess) return status;
  edges.clear();
  for (std::size_t i = 0; i < count; ++i) {
    edges.push_back({first[i], data != nullptr ? data[i] : cudaGraphEdgeData{}});
  }
  return status;
}

void begin_capture(cudaStream_t stream, cudaGraph_t graph, const Edges& after) {
  std::vector<cudaGraphNode_t> nodes;
  std::vector<cudaGraphEdgeData> data;
  for (const Edge& edge : after) {
    nodes.push_back(edge.from);
    data.push_back(edge.data);
  }
  check(cudaStreamBeginCaptureToGraph(stream, graph, nodes.data(), data.data(), nodes.size(),
                                      cudaStreamCaptureModeRelaxed),
        "capture");
}

// Adds a kernel after the given edges; the ones to what comes after it.
Edges add_kernel(cudaGraph_t graph, const Kernel& kernel, const Edges& after, cudaStream_t stream) {
  begin_capture(stream, graph, after);
  const Status status = kernel();
  Edges last;
  const cudaError_t asked = last_edges(stream, last);
  const cudaError_t ended = cudaStreamEndCapture(stream, &graph);
  check(status, "capture of a kernel");
  check(asked, "capture");
  check(ended, "capture");
  return last;
}

// Those of the kernels that are waited for, each node once.
Edges edges_of(const std::vector<std::size_t>& kernels, const std::vector<Edges>& last) {
  Edges edges;
  for (const std::size_t kernel : kernels) {
    edges.insert(edges.end(), last[kernel].begin(), last[kernel].end());
  }
  std::ranges::sort(edges, {}, &Edge::from);
  const auto doubled = std::ranges::unique(edges, {}, &Edge::from);
  edges.erase(doubled.begin(), doubled.end());
  return edges;
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
  std::vector<Edges> last;  // of each kernel
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    last.push_back(add_kernel(graph, kernels[i], edges_of(dependencies[i], last), stream));
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
