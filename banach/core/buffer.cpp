#include <banach/core/buffer.hpp>
#include <banach/core/errors.hpp>
#include <banach/core/memory.hpp>

#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <mutex>

#include <sys/mman.h>

namespace banach {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kHugePage = std::size_t{1} << 21;

// Systems promise more memory than they have, and end the process that uses it. Blocks below a
// size that matters are not worth asking.
void check_available(std::size_t bytes) {
  constexpr std::size_t kWorthAsking = std::size_t{1} << 26;
  if (bytes < kWorthAsking) return;
  if (const std::uint64_t available = available_memory(); bytes > available) {
    throw RuntimeError(fmt::format("[memory] {} are needed and {} are available", bytes_text(bytes),
                                   bytes_text(available)));
  }
}

std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

// The block that small lasting ones are cut from.
struct SharedBlock {
  std::mutex mutex;
  Buffer block;
  std::size_t used = 0;
};

SharedBlock& shared_block() {
  static SharedBlock block;
  return block;
}

}  // namespace

// Small pages lie anywhere in physical memory and collide in the caches: the same step takes 0.9 or
// 1.2 ms from one process to the next.
Buffer Buffer::allocate(std::size_t bytes) {
  const bool large = bytes >= kHugePage / 2;
  const std::size_t alignment = large ? kHugePage : kAlignment;
  const std::size_t rounded = round_up(bytes, alignment);
  check_available(rounded);
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, rounded == 0 ? kAlignment : rounded) != 0) {
    throw RuntimeError(fmt::format("[memory] the system refused {}", bytes_text(bytes)));
  }
  if (large) madvise(memory, rounded, MADV_HUGEPAGE);
  std::memset(memory, 0, round_up(bytes, kAlignment));
  return {std::shared_ptr<std::byte>(static_cast<std::byte*>(memory), std::free), bytes};
}

Buffer Buffer::allocate_lasting(std::size_t bytes) {
  const std::size_t rounded = round_up(bytes, kAlignment);
  if (rounded > kHugePage / 2) return allocate(bytes);
  SharedBlock& shared = shared_block();
  std::scoped_lock lock(shared.mutex);
  if (shared.used + rounded > shared.block.size()) {
    shared.block = allocate(kHugePage);
    shared.used = 0;
  }
  const Buffer result = shared.block.slice(shared.used, bytes);
  shared.used += rounded;
  return result;
}

Buffer Buffer::borrow(const void* data, std::size_t bytes) {
  auto* pointer = static_cast<std::byte*>(const_cast<void*>(data));
  return {std::shared_ptr<std::byte>(std::shared_ptr<void>(), pointer), bytes};
}

}  // namespace banach
