#pragma once

#include <banach/backend/backend.hpp>

struct CUstream_st;
struct CUevent_st;

namespace banach::cuda {

using Stream = CUstream_st*;  // cudaStream_t
using Event = CUevent_st*;    // cudaEvent_t

/// The stream that kernels of this thread go to: its device's, or the one being captured.
Stream current_stream();
void set_current_stream(Stream stream);

/// Makes `stream` the current one of this thread until the end of the scope.
class StreamScope {
 public:
  explicit StreamScope(Stream stream);
  ~StreamScope();
  StreamScope(const StreamScope&) = delete;
  StreamScope& operator=(const StreamScope&) = delete;

 private:
  Stream before_;
};

}  // namespace banach::cuda
