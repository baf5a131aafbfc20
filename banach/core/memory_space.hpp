#pragma once

#include <banach/core/buffer.hpp>

#include <cstdint>

namespace banach {

/// Memory that values can lie in: the host's, or a device's.
class MemorySpace {
 public:
  virtual ~MemorySpace() = default;

  /// Zeroed. RuntimeError when there is not as much.
  virtual Buffer allocate(std::size_t bytes) const = 0;
  /// Copies from and to the host, in order with what runs there. DeviceError when that failed.
  virtual void write(std::byte* to, const void* from, std::size_t bytes) const = 0;
  virtual void read(void* to, const std::byte* from, std::size_t bytes) const = 0;
  /// Bytes that allocate() may still have; the largest number when nobody knows.
  virtual std::uint64_t available() const = 0;
  /// Whether the host can use its addresses.
  virtual bool is_host() const = 0;
};

}  // namespace banach
