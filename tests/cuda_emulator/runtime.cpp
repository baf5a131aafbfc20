// The CUDA runtime: memory, streams that do nothing until somebody waits, events, graphs.
#include <cstring>
#include <cuda_runtime.h>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <tests/cuda_emulator/device_memory.hpp>
#include <tests/cuda_emulator/driver.hpp>
#include <utility>
#include <vector>

using Work = std::function<cudaError_t()>;

struct CUgraphNode_st {
  Work work;
  std::vector<cudaGraphNode_t> after;
};
struct CUgraph_st {
  std::vector<std::unique_ptr<CUgraphNode_st>> nodes;
};
struct CUgraphExec_st {
  std::shared_ptr<const std::vector<Work>> work;  // lives on while streams have it before them
};
struct CUstream_st {
  std::deque<Work> work;
  CUgraph_st* captured = nullptr;
  std::vector<cudaGraphNode_t> last;  // what is captured next comes after these
  long enqueued = 0, done = 0;
};
struct CUevent_st {
  cudaStream_t stream = nullptr;
  long position = 0;
};

namespace emulator {
namespace {

std::recursive_mutex mutex;
auto& pinned = *new std::map<const std::byte*, std::size_t>;  // begin -> bytes; outlives all
cudaError_t last_error = cudaSuccess;  // stays, as a GPU's does, until it is reset
thread_local int device_of_thread = 0;

bool is_pinned(const void* pointer) {
  const auto* p = static_cast<const std::byte*>(pointer);
  auto after = pinned.upper_bound(p);
  return after != pinned.begin() && p < (--after)->first + after->second;
}

// Runs the stream's work up to a position.
cudaError_t run_until(cudaStream_t stream, long position) {
  while (stream->done < position) {
    const Work work = std::move(stream->work.front());
    stream->work.pop_front();
    ++stream->done;
    const DeviceOpen open;
    if (const cudaError_t error = work(); error != cudaSuccess) last_error = error;
  }
  return last_error;
}

cudaError_t finish(cudaStream_t stream) { return run_until(stream, stream->enqueued); }

// The work of a graph in an order that its edges allow: of what may run next the one that was ready
// last, or any one, another time for the next graph.
std::vector<Work> in_some_order(const CUgraph_st& graph) {
  static std::mt19937 random;  // repeats from one process to the next
  const bool last_first = random() % 2 == 0;
  std::map<cudaGraphNode_t, std::vector<cudaGraphNode_t>> users;
  std::map<cudaGraphNode_t, std::size_t> waits_for;
  std::vector<cudaGraphNode_t> ready;
  for (const auto& node : graph.nodes) {
    waits_for[node.get()] = node->after.size();
    if (node->after.empty()) ready.push_back(node.get());
    for (const cudaGraphNode_t before : node->after) users[before].push_back(node.get());
  }
  std::vector<Work> result;
  while (!ready.empty()) {
    if (!last_first) std::swap(ready[random() % ready.size()], ready.back());
    const cudaGraphNode_t next = ready.back();
    ready.pop_back();
    result.push_back(next->work);
    for (const cudaGraphNode_t user : users[next]) {
      if (--waits_for[user] == 0) ready.push_back(user);
    }
  }
  return result;
}

bool is_valid_copy(const void* to, const void* from, cudaMemcpyKind kind) {
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  return is_on_device(to) == to_device && is_on_device(from) == from_device;
}

}  // namespace

cudaError_t enqueue(cudaStream_t stream, Work work) {
  const std::scoped_lock lock(mutex);
  if (stream == nullptr) return cudaErrorInvalidValue;  // banach names its streams
  if (stream->captured != nullptr) {
    auto& nodes = stream->captured->nodes;
    nodes.push_back(std::make_unique<CUgraphNode_st>(std::move(work), stream->last));
    stream->last = {nodes.back().get()};
    return cudaSuccess;
  }
  if (last_error != cudaSuccess) return last_error;
  stream->work.push_back(std::move(work));
  ++stream->enqueued;
  return cudaSuccess;
}

}  // namespace emulator

using namespace emulator;

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess: return "cudaSuccess";
    case cudaErrorMemoryAllocation: return "cudaErrorMemoryAllocation";
    case cudaErrorInsufficientDriver: return "cudaErrorInsufficientDriver";
    case cudaErrorDevicesUnavailable: return "cudaErrorDevicesUnavailable";
    case cudaErrorNoDevice: return "cudaErrorNoDevice";
    case cudaErrorInvalidDevice: return "cudaErrorInvalidDevice";
    case cudaErrorIllegalAddress: return "cudaErrorIllegalAddress";
    case cudaErrorStreamCaptureUnsupported: return "cudaErrorStreamCaptureUnsupported";
    default: return "cudaErrorInvalidValue";
  }
}
const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaErrorMemoryAllocation ? "out of memory" : cudaGetErrorName(error);
}
cudaError_t cudaGetLastError() { return last_error; }

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  return static_cast<cudaError_t>(cuDriverGetVersion(version));
}
cudaError_t cudaGetDeviceCount(int* count) {
  return static_cast<cudaError_t>(cuDeviceGetCount(count));
}

cudaError_t cudaSetDevice(int device) {
  int count = 0;
  cudaGetDeviceCount(&count);
  if (device < 0 || device >= count) return cudaErrorInvalidDevice;
  device_of_thread = device;
  return cudaSuccess;
}
cudaError_t cudaGetDevice(int* device) {
  *device = device_of_thread;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  *properties = {};
  cuDeviceGetName(properties->name, sizeof properties->name, device);
  properties->totalGlobalMem = device_bytes_total();
  properties->major = 9;
  properties->multiProcessorCount = 2;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int) {
  *pool = nullptr;
  return cudaSuccess;
}
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) { return cudaSuccess; }
cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t, cudaMemPoolAttr, void* value) {
  const std::uint64_t used = device_bytes_total() - device_bytes_free();  // it keeps nothing else
  std::memcpy(value, &used, sizeof used);
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  const std::scoped_lock lock(mutex);
  *free = device_bytes_free();
  *total = device_bytes_total();
  return cudaSuccess;
}

cudaError_t cudaMallocAsync(void** memory, std::size_t bytes, cudaStream_t stream) {
  const std::scoped_lock lock(mutex);
  if (stream->captured != nullptr) return cudaErrorStreamCaptureUnsupported;
  *memory = allocate_on_device(bytes);
  if (*memory == nullptr) {
    finish(stream);  // what is given back in stream order
    *memory = allocate_on_device(bytes);
  }
  return *memory == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
}
cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream) {
  return enqueue(stream, [memory] {
    free_on_device(memory);
    return cudaSuccess;
  });
}
cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  const std::scoped_lock lock(mutex);
  *memory = std::malloc(bytes);
  pinned[static_cast<std::byte*>(*memory)] = bytes;
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* memory) {
  const std::scoped_lock lock(mutex);
  pinned.erase(static_cast<std::byte*>(memory));
  std::free(memory);
  return cudaSuccess;
}

// As the real one: memory that is not pinned is read before the call returns, and written by then.
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  const std::scoped_lock lock(mutex);
  if (!is_valid_copy(to, from, kind)) return cudaErrorInvalidValue;
  const bool reads_pageable = kind == cudaMemcpyHostToDevice && !is_pinned(from);
  const bool writes_pageable = kind == cudaMemcpyDeviceToHost && !is_pinned(to);
  if ((reads_pageable || writes_pageable) && stream->captured != nullptr) {
    return cudaErrorStreamCaptureUnsupported;
  }
  if (reads_pageable) {
    const auto* begin = static_cast<const std::byte*>(from);
    return enqueue(stream, [to, copy = std::vector<std::byte>(begin, begin + bytes)] {
      std::memcpy(to, copy.data(), copy.size());
      return cudaSuccess;
    });
  }
  const cudaError_t error = enqueue(stream, [=] {
    std::memcpy(to, from, bytes);
    return cudaSuccess;
  });
  return error == cudaSuccess && writes_pageable ? finish(stream) : error;
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  return enqueue(stream, [=] {
    std::memset(to, value, bytes);
    return cudaSuccess;
  });
}
cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  return enqueue(stream, [=] {
    function(data);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = new CUstream_st;
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const std::scoped_lock lock(mutex);
  const cudaError_t error = finish(stream);
  delete stream;
  return error;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  const std::scoped_lock lock(mutex);
  if (stream->captured != nullptr) return cudaErrorStreamCaptureUnsupported;
  return finish(stream);
}
cudaError_t cudaGraphCreate(cudaGraph_t* graph, unsigned) {
  *graph = new CUgraph_st;
  return cudaSuccess;
}
cudaError_t cudaStreamBeginCaptureToGraph(cudaStream_t stream, cudaGraph_t graph,
                                          const cudaGraphNode_t* after, const cudaGraphEdgeData*,
                                          std::size_t count, cudaStreamCaptureMode) {
  const std::scoped_lock lock(mutex);
  if (stream->captured != nullptr) return cudaErrorStreamCaptureUnsupported;
  stream->captured = graph;
  stream->last.assign(after, after + count);
  return cudaSuccess;
}
cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream, cudaStreamCaptureStatus* capturing,
                                     unsigned long long*, cudaGraph_t*,
                                     const cudaGraphNode_t** last, const cudaGraphEdgeData** edges,
                                     std::size_t* count) {
  const std::scoped_lock lock(mutex);
  *capturing =
      stream->captured != nullptr ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
  *last = stream->last.data();
  *edges = nullptr;
  *count = stream->last.size();
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const std::scoped_lock lock(mutex);
  *graph = std::exchange(stream->captured, nullptr);
  return *graph != nullptr ? cudaSuccess : cudaErrorInvalidValue;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long) {
  *executable =
      new CUgraphExec_st{std::make_shared<const std::vector<Work>>(in_some_order(*graph))};
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return enqueue(stream, [all = executable->work] {
    for (const Work& work : *all) {
      if (const cudaError_t error = work(); error != cudaSuccess) return error;
    }
    return cudaSuccess;
  });
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const std::scoped_lock lock(mutex);
  *event = {stream, stream->enqueued};
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const std::scoped_lock lock(mutex);
  return event->stream == nullptr ? cudaSuccess : run_until(event->stream, event->position);
}
