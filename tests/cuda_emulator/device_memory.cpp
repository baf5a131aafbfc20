#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <sys/mman.h>
#include <tests/cuda_emulator/device_memory.hpp>

namespace emulator {
namespace {

struct Memory {
  std::size_t size;
  std::byte* begin;
  std::map<std::size_t, std::size_t> used;  // offset -> bytes
  std::size_t used_bytes = 0;
  int open = 0;

  Memory() {
    const char* limit = std::getenv("BANACH_EMULATED_MEMORY");
    size = limit != nullptr ? std::stoull(limit) / 4096 * 4096 : std::size_t{2} << 30;
    begin = static_cast<std::byte*>(
        mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  }
};

Memory& memory() {
  static Memory* instance = new Memory;  // outlives static destructors that free into it
  return *instance;
}

}  // namespace

void* allocate_on_device(std::size_t bytes) {
  Memory& m = memory();
  const std::size_t rounded = (bytes + 255) / 256 * 256;
  std::size_t offset = 0;
  for (const auto& [begin, length] : m.used) {
    if (begin - offset >= rounded) break;
    offset = begin + length;
  }
  if (rounded > m.size - offset) return nullptr;
  m.used[offset] = rounded;
  m.used_bytes += rounded;
  const DeviceOpen open;
  // Not all of a block that is only taken to be given back, as when a GPU's whole memory is.
  constexpr std::size_t kMost = std::size_t{1} << 27;
  std::memset(m.begin + offset, 0xCC, std::min(rounded, kMost));
  return m.begin + offset;
}

void free_on_device(void* pointer) {
  Memory& m = memory();
  const auto found =
      m.used.find(static_cast<std::size_t>(static_cast<std::byte*>(pointer) - m.begin));
  if (found == m.used.end()) std::abort();
  m.used_bytes -= found->second;
  // Every protection walks the pages that were touched: large blocks give theirs back.
  constexpr std::size_t kLarge = std::size_t{1} << 24, kPage = 4096;
  const std::size_t begin = (found->first + kPage - 1) / kPage * kPage;
  const std::size_t end = (found->first + found->second) / kPage * kPage;
  if (found->second >= kLarge) madvise(m.begin + begin, end - begin, MADV_DONTNEED);
  m.used.erase(found);
}

bool is_on_device(const void* pointer) {
  const Memory& m = memory();
  const auto* p = static_cast<const std::byte*>(pointer);
  return p >= m.begin && p < m.begin + m.size;
}

std::size_t device_bytes_total() { return memory().size; }
std::size_t device_bytes_free() { return memory().size - memory().used_bytes; }

DeviceOpen::DeviceOpen() {
  Memory& m = memory();
  if (m.open++ == 0) mprotect(m.begin, m.size, PROT_READ | PROT_WRITE);
}
DeviceOpen::~DeviceOpen() {
  Memory& m = memory();
  if (--m.open == 0) mprotect(m.begin, m.size, PROT_NONE);
}

}  // namespace emulator
