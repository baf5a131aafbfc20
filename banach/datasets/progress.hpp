#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>

namespace banach::datasets {

/// Called with the bytes received so far and the total, 0 while it is unknown. An exception it
/// throws ends the download and reaches the caller.
using ProgressCallback = std::function<void(std::uint64_t received, std::uint64_t total)>;

/// How a download tells of itself: true, a line on stderr; false, silence; or a callback.
class Progress {
 public:
  Progress(bool print = true) : print_(print) {}
  template <std::invocable<std::uint64_t, std::uint64_t> F>
  Progress(F callback) : print_(false), callback_(std::move(callback)) {}

  /// The callback for one download; empty when nothing is to be told.
  ProgressCallback start(const std::string& url) const;

 private:
  bool print_;
  ProgressCallback callback_;
};

}  // namespace banach::datasets
