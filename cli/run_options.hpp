#pragma once

#include <cli/command.hpp>

#include <banach/backend/devices.hpp>

#include <optional>
#include <string>

namespace banach::cli {

/// Where and with what a model runs.
struct RunOptions {
  std::optional<int> threads;
  std::string device;  // empty: the first GPU, or the CPU
  bool tf32 = false;
};

void add_run_options(Command command, RunOptions& options);
/// What is given runs on the device while the result lives. NotSupported, with the reason, where
/// there is no GPU; NotFound for one that there is not.
[[nodiscard]] DeviceScope apply(const RunOptions& options);

}  // namespace banach::cli
