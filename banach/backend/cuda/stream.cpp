#include <banach/backend/cuda/stream.hpp>

namespace banach::cuda {
namespace {

thread_local Stream stream_of_thread = nullptr;

}  // namespace

Stream current_stream() { return stream_of_thread; }
void set_current_stream(Stream stream) { stream_of_thread = stream; }

StreamScope::StreamScope(Stream stream) : before_(stream_of_thread) { stream_of_thread = stream; }
StreamScope::~StreamScope() { stream_of_thread = before_; }

}  // namespace banach::cuda
