#pragma once

#include <banach/backend/dependencies.hpp>
#include <banach/core/array.hpp>
#include <banach/core/memory_space.hpp>
#include <banach/graph/tensor.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banach {

/// Where a value lies while a program runs, and what it is.
struct View {
  std::byte* data = nullptr;
  TensorSpec spec;

  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(data);
  }
  std::int64_t size() const { return spec.shape.size(); }
  std::size_t bytes() const { return spec.bytes(); }
};
using Views = std::vector<View>;

/// 0 is success; anything else is the backend's own code, which Backend::explain turns into text.
using Status = int;

/// A prepared call: final pointers and sizes behind one plain function pointer. Calling it
/// allocates nothing, checks nothing and throws nothing.
class Kernel {
 public:
  template <class F>
  explicit Kernel(F body)
      : state_(new F(std::move(body)), [](void* state) { delete static_cast<F*>(state); }),
        call_([](void* state) -> Status {
          F& function = *static_cast<F*>(state);
          if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
            function();
            return 0;
          } else {
            return function();
          }
        }) {}

  Status operator()() const { return call_(state_.get()); }

 private:
  std::unique_ptr<void, void (*)(void*)> state_;
  Status (*call_)(void*);
};

/// What is settled about a node before memory is: shared by all contexts of a program.
struct Prepared {
  std::string implementation;     ///< for dumps: "reference", "gemm:avx2"
  std::size_t scratch_bytes = 0;  ///< arena memory, free again after the kernel
  /// in_place[i] = j: output i may lie on input j, when that is not needed any more; -1: it may not
  std::vector<int> in_place;
  /// Makes the kernel of one context. `scratch` is 64-byte aligned.
  std::function<Kernel(const Views& in, const Views& out, std::byte* scratch)> bind;
  /// Of kernels that have something in common beside this memory, which one may use at a time: its
  /// address.
  const std::byte* shared = nullptr;
};

/// One kernel of a backend: for which op, how much of it, and how it is prepared.
struct KernelRow {
  std::string_view op;
  bool (*accepts)(const Node& node);
  Prepared (*prepare)(const Node& node);
};

/// Host memory that a program's inputs are filled in, where its kernels cannot read them.
class InputStage {
 public:
  virtual ~InputStage() = default;
  /// Input i of the next run, to be filled. Waits until an earlier run has taken what is there.
  virtual const View& slot(std::size_t i) = 0;
  /// Sends what was filled since the last time, in order before what runs next.
  virtual Status submit() = 0;
};

/// A device: its memory and its kernels. All that is virtual is here, and none of it in the step
/// loop.
class Backend : public MemorySpace {
 public:
  virtual std::string name() const = 0;
  /// Fastest first; the first row of an op that accepts a node is taken.
  virtual std::span<const KernelRow> kernels() const = 0;
  /// Runs all kernels as if in order, stops at the first that fails and gives its status. A device
  /// may only be told to; what comes back from it, and synchronize(), wait. `accesses` says which
  /// memory each kernel uses: those of which none writes what another one uses may run at once.
  virtual Kernel make_runner(std::span<const Kernel> kernels,
                             std::span<const Access> accesses) const = 0;
  /// Null where inputs are filled where they lie. Called before kernels are bound, so that a device
  /// can make itself the thread's current one.
  virtual std::unique_ptr<InputStage> make_stage(const Views& inputs) const;
  /// Waits for all that runs; DeviceError when it failed.
  virtual void synchronize() const {}
  virtual std::string explain(Status status) const;

  /// Null when no row takes the node.
  const KernelRow* find(const Node& node) const;
};
using BackendPtr = std::shared_ptr<const Backend>;

/// "cpu", "reference", or "cuda:0", "cuda:1", ... where there are GPUs; NotFound for another name,
/// DeviceError for GPUs that cannot be used.
BackendPtr get_backend(const std::string& name);
/// Where models run: the device of the innermost DeviceScope (backend/devices.hpp), else the first
/// GPU, else the CPU.
BackendPtr default_backend();
/// Where arrays are computed with: the host, which holds them.
BackendPtr host_backend();

}  // namespace banach
