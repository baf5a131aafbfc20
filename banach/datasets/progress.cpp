#include <banach/datasets/progress.hpp>

#include <fmt/format.h>

#include <unistd.h>

namespace banach::datasets {
namespace {

// Rewrites one line after each of 50 steps.
class Line {
 public:
  void operator()(std::uint64_t received, std::uint64_t total) {
    if (total == 0 || received * 50 / total == step_) return;
    step_ = received * 50 / total;
    fmt::print(stderr, "\r{:.1f} of {:.1f} MB{}", static_cast<double>(received) / 1e6,
               static_cast<double>(total) / 1e6, received == total ? "\n" : "");
  }

 private:
  std::uint64_t step_ = 0;
};

}  // namespace

ProgressCallback Progress::start(const std::string& url) const {
  if (!print_) return callback_;
  fmt::print(stderr, "Downloading data from {}\n", url);
  return isatty(STDERR_FILENO) ? ProgressCallback(Line()) : ProgressCallback();
}

}  // namespace banach::datasets
