#pragma once

#include <cstddef>

namespace emulator {

/// Memory of the emulated GPU, closed to the host; null when it is full. Filled with 0xCC.
void* allocate_on_device(std::size_t bytes);
void free_on_device(void* memory);
bool is_on_device(const void* memory);
std::size_t device_bytes_total();
std::size_t device_bytes_free();

/// While one of these lives, device memory can be touched.
class DeviceOpen {
 public:
  DeviceOpen();
  ~DeviceOpen();
};

}  // namespace emulator
