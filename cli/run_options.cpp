#include <cli/errors.hpp>
#include <cli/run_options.hpp>

#include <banach/backend/devices.hpp>
#include <banach/core/errors.hpp>
#include <banach/core/threads.hpp>

namespace banach::cli {

void add_run_options(CLI::App& command, RunOptions& options) {
  command.add_option("--threads", options.threads, "Threads to use at most; all by default")
      ->check(check_positive);
  command.add_option("--device", options.device, "cpu, or gpu")
      ->check(CLI::IsMember({"cpu", "gpu"}))
      ->capture_default_str();
}

void apply(const RunOptions& options) {
  if (options.threads) config::set_num_threads(*options.threads);
  if (options.device == "gpu" && config::list_physical_devices("GPU").empty()) {
    throw NotSupported(
        "--device gpu: there is no GPU that this build can use; banach devices lists what there "
        "is. Use --device cpu");
  }
}

}  // namespace banach::cli
