#pragma once

#include <cstddef>
#include <fstream>
#include <string>

namespace banach::testing {

/// How far the process' resident memory rises above what it was here, at its highest.
class PeakMemory {
 public:
  PeakMemory() : start_((std::ofstream("/proc/self/clear_refs") << 5 << std::flush, highest())) {}
  std::size_t growth() const { return highest() - start_; }

 private:
  static std::size_t highest() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
      if (word != "VmHWM:") continue;
      std::size_t kilobytes = 0;
      status >> kilobytes;
      return kilobytes * 1024;
    }
    return 0;
  }

  std::size_t start_;
};

}  // namespace banach::testing
