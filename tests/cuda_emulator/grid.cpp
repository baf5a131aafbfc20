// Runs the threads of a block as fibers: a fiber runs one thread after the other until one comes to
// a barrier and stays there; then another goes on with the rest.
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cuda_runtime.h>
#include <memory>
#include <ucontext.h>
#include <vector>

dim3 gridDim, blockDim, blockIdx, threadIdx;

namespace emulator {
namespace {

enum class Wait { nothing, block, warp };

// A fiber is entered first by its context, then by its jump: that takes no system calls.
struct Fiber {
  ucontext_t context;
  jmp_buf jump;
  bool entered = false;
  std::vector<char> stack = std::vector<char>(std::size_t{256} << 10);
  unsigned thread = 0;
  Wait wait = Wait::nothing;
};

struct Block {
  const std::function<void()>* body = nullptr;
  unsigned threads = 0, next = 0;
  bool backwards = false;
  jmp_buf scheduler;
  Fiber* running = nullptr;
  std::vector<Fiber*> waiting, idle;
  std::vector<std::unique_ptr<Fiber>> all;
  std::uint64_t exchanged[1024];
};
Block block;

void begin(unsigned thread) {
  block.running->thread = thread;
  threadIdx = dim3(thread, 0, 0);
}

void leave(Fiber* self) {
  if (_setjmp(self->jump) == 0) _longjmp(block.scheduler, 1);
}

void enter(Fiber* fiber) {
  if (_setjmp(block.scheduler) != 0) return;
  if (fiber->entered) _longjmp(fiber->jump, 1);
  fiber->entered = true;
  setcontext(&fiber->context);
}

void run_threads() {
  for (;;) {
    while (block.next < block.threads) {
      const unsigned position = block.next++;
      begin(block.backwards ? block.threads - 1 - position : position);
      (*block.body)();
    }
    Fiber* self = block.running;
    self->wait = Wait::nothing;
    leave(self);
  }
}

void prepare(Fiber& fiber) {
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack.data();
  fiber.context.uc_stack.ss_size = fiber.stack.size();
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, run_threads, 0);
}

Fiber* take_fiber() {
  if (block.idle.empty()) {
    block.all.push_back(std::make_unique<Fiber>());
    prepare(*block.all.back());
    return block.all.back().get();
  }
  Fiber* fiber = block.idle.back();
  block.idle.pop_back();
  return fiber;
}

void resume(Fiber* fiber) {
  block.running = fiber;
  threadIdx = dim3(fiber->thread, 0, 0);
  fiber->wait = Wait::nothing;
  enter(fiber);
  (fiber->wait == Wait::nothing ? block.idle : block.waiting).push_back(fiber);
}

void wait_at(Wait barrier) {
  Fiber* self = block.running;
  self->wait = barrier;
  leave(self);
}

// Whether every thread that is still on its way, of the block or of fiber's warp, is at its
// barrier.
bool may_go_on(const Fiber& fiber) {
  for (const Fiber* other : block.waiting) {
    const bool same_group = fiber.wait == Wait::block || other->thread / 32 == fiber.thread / 32;
    if (same_group && other->wait != fiber.wait) return false;
  }
  return true;
}

void pass_barriers() {
  std::vector<Fiber*> ready, others;
  for (Fiber* fiber : block.waiting) (may_go_on(*fiber) ? ready : others).push_back(fiber);
  if (ready.empty()) {
    std::fprintf(stderr, "emulated GPU: threads of a block wait at different barriers\n");
    std::abort();
  }
  block.waiting = others;
  for (Fiber* fiber : ready) resume(fiber);
}

void run_block() {
  block.next = 0;
  while (block.next < block.threads) resume(take_fiber());
  while (!block.waiting.empty()) pass_barriers();
}

}  // namespace

std::uint64_t exchange(std::uint64_t bits, unsigned lane) {
  const unsigned thread = block.running->thread, warp = thread / 32 * 32;
  block.exchanged[thread] = bits;
  __syncwarp();
  const std::uint64_t result = block.exchanged[warp + lane];
  __syncwarp();
  return result;
}

cudaError_t run_grid(dim3 grid, dim3 threads, const std::function<void()>& thread) {
  const auto is_flat = [](dim3 d) { return d.y == 1 && d.z == 1; };
  static const long failing = [] {
    const char* number = std::getenv("BANACH_EMULATED_FAILURE");
    return number != nullptr ? std::atol(number) : 0;
  }();
  static long launches = 0;
  if (++launches == failing) return cudaErrorIllegalAddress;
  if (!is_flat(grid) || !is_flat(threads) || threads.x == 0 || threads.x > 1024) {
    return cudaErrorInvalidValue;
  }
  gridDim = grid;
  blockDim = threads;
  block.body = &thread;
  block.threads = threads.x;
  for (unsigned i = 0; i < grid.x; ++i) {
    blockIdx = dim3(i, 0, 0);
    block.backwards = !block.backwards;
    run_block();
  }
  return cudaSuccess;
}

}  // namespace emulator

void __syncthreads() { emulator::wait_at(emulator::Wait::block); }
void __syncwarp(unsigned) { emulator::wait_at(emulator::Wait::warp); }
