#include <banach/core/memory.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <limits>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace banach {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// The first number of a file; a file without one, such as "max", says nothing.
std::uint64_t first_number(const std::string& path, std::uint64_t otherwise) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  return file >> value ? value : otherwise;
}

std::uint64_t number_after(const std::string& key, const std::string& path,
                           std::uint64_t otherwise) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  for (std::string word; file >> word;) {
    if (word == key && file >> value) return value;
  }
  return otherwise;
}

std::uint64_t machine_room(const std::string& root) {
  const std::string meminfo = root + "/proc/meminfo";  // in KiB
  const std::uint64_t available = number_after("MemAvailable:", meminfo, kNoLimit);
  if (available == kNoLimit) return kNoLimit;
  return 1024 * (available + number_after("SwapFree:", meminfo, 0));
}

// "/user.slice/session-1.scope", or "/" in a container; empty without cgroup v2.
std::string control_group(const std::string& root) {
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return "";
}

// What the control group and all above it leave; cached files make room when needed.
std::uint64_t group_room(const std::string& root) {
  std::uint64_t room = kNoLimit;
  for (std::string group = control_group(root); !group.empty();) {
    const std::string folder = root + "/sys/fs/cgroup" + group;
    const std::uint64_t limit = first_number(folder + "/memory.max", kNoLimit);
    const std::uint64_t used = first_number(folder + "/memory.current", 0);
    const std::uint64_t files = number_after("file", folder + "/memory.stat", 0);
    if (limit != kNoLimit)
      room = std::min(room, limit - std::min(limit, used - std::min(used, files)));
    if (group == "/") break;
    group.resize(std::max<std::size_t>(group.rfind('/'), 1));
  }
  return room;
}

}  // namespace

std::uint64_t available_memory(const std::string& root) {
  return std::min(machine_room(root), group_room(root));
}

void release_freed_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  auto value = static_cast<double>(bytes) / 1e3;
  std::string_view unit = "KB";
  for (const std::string_view larger : {"MB", "GB", "TB", "PB", "EB"}) {
    if (value < 1000) break;
    value /= 1000;
    unit = larger;
  }
  return fmt::format("{:.3g} {}", value, unit);
}

}  // namespace banach
