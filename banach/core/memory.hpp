#pragma once

#include <cstdint>
#include <string>

namespace banach {

/// Bytes that this process can still have: what the machine has available, swap included, or what
/// its control group (cgroup v2) still allows, whichever is less. The largest number where the
/// system does not say. Reads files below `root`.
std::uint64_t available_memory(const std::string& root = "");

/// Gives memory that was freed back to the system, where the C library keeps it.
void release_freed_memory();

/// "4.37 KB", in powers of 1000.
std::string bytes_text(std::uint64_t bytes);

}  // namespace banach
