#include <banach/core/buffer.hpp>

#include <cstdlib>
#include <cstring>
#include <new>

#include <sys/mman.h>

namespace banach {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kHugePage = std::size_t{1} << 21;

}  // namespace

Buffer Buffer::allocate(std::size_t bytes) {
  const bool large = bytes >= 2 * kHugePage;
  const std::size_t alignment = large ? kHugePage : kAlignment;
  const std::size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, rounded == 0 ? kAlignment : rounded) != 0) {
    throw std::bad_alloc();
  }
  if (large) madvise(memory, rounded, MADV_HUGEPAGE);
  std::memset(memory, 0, rounded);
  return {std::shared_ptr<std::byte>(static_cast<std::byte*>(memory), std::free), bytes};
}

Buffer Buffer::borrow(const void* data, std::size_t bytes) {
  auto* pointer = static_cast<std::byte*>(const_cast<void*>(data));
  return {std::shared_ptr<std::byte>(std::shared_ptr<void>(), pointer), bytes};
}

}  // namespace banach
