#include <cli/errors.hpp>
#include <cli/run_options.hpp>

#include <banach/backend/backend.hpp>
#include <banach/core/errors.hpp>
#include <banach/core/threads.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach::cli {
namespace {

// What is wrong with the name of a device, empty when nothing is.
std::string check_device(const std::string& text) {
  if (text == "cpu" || text == "gpu") return "";
  const std::string ordinal = text.starts_with("gpu:") ? text.substr(4) : "";
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!ordinal.empty() && ordinal.size() <= 4 && std::ranges::all_of(ordinal, is_digit)) return "";
  return "expected cpu, gpu or gpu:N, received '" + text + "'";
}

}  // namespace

void add_run_options(Command command, RunOptions& options) {
  command.add_option("--threads", options.threads, "Threads to use at most; all by default")
      .check(check_positive);
  command
      .add_option("--device", options.device,
                  "cpu, gpu or gpu:N; by default the first GPU, else the CPU")
      .check(check_device);
  command.add_flag("--tf32", options.tf32,
                   "On a GPU, round factors of float32 to 10 bits of fraction: faster");
}

DeviceScope apply(const RunOptions& options) {
  if (options.threads) config::set_num_threads(*options.threads);
  if (options.tf32) config::experimental::enable_tensor_float_32_execution(true);
  if (options.device.empty()) return DeviceScope(default_backend());
  if (options.device != "cpu" && config::list_physical_devices("GPU").empty()) {
    throw NotSupported(fmt::format("--device {}: there is no GPU that can be used: {}",
                                   options.device, config::why_no_gpu()));
  }
  return device(options.device);
}

}  // namespace banach::cli
