#include <banach/core/buffer.hpp>
#include <banach/core/errors.hpp>
#include <banach/core/integers.hpp>
#include <banach/core/memory.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <mutex>

#include <sys/mman.h>

namespace banach {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kHugePage = std::size_t{1} << 21;
constexpr std::size_t kLeastShared = std::size_t{1} << 16;  // less fits the caches anyway
constexpr std::size_t kMostShared = kHugePage / 2;
constexpr std::size_t kFewHugePages = 8 * kHugePage;  // of which the last may be nearly empty

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

[[noreturn]] void refuse(std::size_t bytes) {
  throw RuntimeError(fmt::format("[memory] the system refused {}", bytes_text(bytes)));
}

std::shared_ptr<std::byte> allocate_small(std::size_t bytes) {
  const std::size_t rounded = std::max(kAlignment, round_up(bytes, kAlignment));
  void* memory = std::aligned_alloc(kAlignment, rounded);
  if (memory == nullptr) refuse(bytes);
  std::memset(memory, 0, rounded);
  return {static_cast<std::byte*>(memory), std::free};
}

// Pages of the system's own, so that they go back to it at once; the first `huge` bytes in huge
// ones. Small pages lie anywhere in physical memory and collide in the caches: the same step takes
// 0.9 or 1.2 ms from one process to the next.
std::shared_ptr<std::byte> map_pages(std::size_t bytes, std::size_t huge) {
  const std::size_t size = std::max(huge, round_up(bytes, kPage)), reserved = size + kHugePage;
  void* mapped =
      mmap(nullptr, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) refuse(bytes);
  auto* begin = static_cast<std::byte*>(mapped);
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  std::byte* memory = begin + (round_up(address, kHugePage) - address);
  if (memory > begin) munmap(begin, static_cast<std::size_t>(memory - begin));
  if (const std::byte* end = begin + reserved; end > memory + size) {
    munmap(memory + size, static_cast<std::size_t>(end - (memory + size)));
  }
  madvise(memory, huge, MADV_HUGEPAGE);
  return {memory, [size](std::byte* pages) { munmap(pages, size); }};
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

Buffer Buffer::allocate(std::size_t bytes) {
  check_available(bytes);
  const std::size_t huge = bytes / kHugePage * kHugePage;
  return {huge > 0 ? map_pages(bytes, huge) : allocate_small(bytes), bytes};
}

Buffer Buffer::allocate_lasting(std::size_t bytes) {
  if (bytes > kMostShared && bytes < kFewHugePages) {
    return {map_pages(bytes, round_up(bytes, kHugePage)), bytes};
  }
  if (bytes < kLeastShared || bytes > kMostShared) return allocate(bytes);
  const std::size_t rounded = round_up(bytes, kAlignment);
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

// A count that is read orders nothing. A handle made and dropped does: what another thread read
// through the one that it dropped comes before what is written now.
bool Buffer::is_exclusive() const {
  if (data_.use_count() != 1) return false;
  const std::shared_ptr<std::byte> after_the_others = data_;
  return true;
}

Buffer Buffer::borrow(const void* data, std::size_t bytes) {
  auto* pointer = static_cast<std::byte*>(const_cast<void*>(data));
  return {std::shared_ptr<std::byte>(std::shared_ptr<void>(), pointer), bytes};
}

}  // namespace banach
