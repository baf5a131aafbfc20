#include <banach/backend/cuda/check.hpp>
#include <banach/backend/cuda/memory.hpp>
#include <banach/backend/cuda/stage.hpp>

#include <algorithm>
#include <array>
#include <cuda_runtime.h>

namespace banach::cuda {
namespace {

constexpr std::size_t kAlignment = 256;

std::size_t aligned_bytes(const View& view) {
  return (view.bytes() + kAlignment - 1) / kAlignment * kAlignment;
}

// Host memory for all inputs, and the moment when the GPU has taken what is in it.
struct Side {
  Buffer memory;
  Views slots;
  cudaEvent_t taken = nullptr;
};

class DoubleStage final : public InputStage {
 public:
  DoubleStage(const Views& inputs, Stream stream)
      : inputs_(inputs), filled_(inputs.size()), stream_(stream) {
    check(cudaGetDevice(&device_), "stage");
    std::size_t total = 0;
    for (const View& input : inputs) total += aligned_bytes(input);
    for (Side& side : sides_) {
      side.memory = allocate_pinned(total);
      std::byte* next = side.memory.data();
      for (const View& input : inputs) {
        side.slots.push_back({next, input.spec});
        next += aligned_bytes(input);
      }
      check(cudaEventCreateWithFlags(&side.taken, cudaEventDisableTiming), "event");
    }
  }
  ~DoubleStage() override {
    for (Side& side : sides_) {
      cudaEventSynchronize(side.taken);
      cudaEventDestroy(side.taken);
    }
  }

  const View& slot(std::size_t i) override {
    if (std::ranges::find(filled_, true) == filled_.end()) {
      check(cudaEventSynchronize(sides_[now_].taken), "a step");
    }
    filled_.at(i) = true;
    return sides_[now_].slots[i];
  }

  Status submit() override {
    if (const cudaError_t status = cudaSetDevice(device_); status != cudaSuccess) return status;
    bool any = false;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (!filled_[i] || inputs_[i].bytes() == 0) continue;
      any = true;
      const cudaError_t status =
          cudaMemcpyAsync(inputs_[i].data, sides_[now_].slots[i].data, inputs_[i].bytes(),
                          cudaMemcpyHostToDevice, stream_);
      if (status != cudaSuccess) return status;
    }
    std::ranges::fill(filled_, false);
    if (!any) return 0;
    const cudaError_t status = cudaEventRecord(sides_[now_].taken, stream_);
    now_ = 1 - now_;
    return status;
  }

 private:
  int device_ = 0;
  const Views inputs_;
  std::array<Side, 2> sides_;
  std::size_t now_ = 0;
  std::vector<char> filled_;  // of each input, since the last submit
  const Stream stream_;
};

}  // namespace

std::unique_ptr<InputStage> make_double_stage(const Views& inputs, Stream stream) {
  return std::make_unique<DoubleStage>(inputs, stream);
}

}  // namespace banach::cuda
