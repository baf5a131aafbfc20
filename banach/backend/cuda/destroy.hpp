#pragma once

namespace banach::cuda {

/// Deleter of a unique_ptr that owns a handle of one of CUDA's libraries.
template <auto kDestroy>
struct Destroy {
  template <class T>
  void operator()(T* handle) const {
    kDestroy(handle);
  }
};

}  // namespace banach::cuda
