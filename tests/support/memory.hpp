#pragma once

#include <cstddef>
#include <fstream>
#include <string>

namespace banach::testing {

/// Sanitizers keep what is freed, and take their time.
#ifdef BANACH_TEST_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

/// How far the process' resident memory rises above what it was here, at its highest; 0 with
/// sanitizers, where that says nothing.
class PeakMemory {
 public:
  PeakMemory() : start_((std::ofstream("/proc/self/clear_refs") << 5 << std::flush, highest())) {}
  std::size_t growth() const { return kSanitized ? 0 : highest() - start_; }

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
