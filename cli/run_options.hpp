#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

namespace banach::cli {

/// Where and with what a model runs.
struct RunOptions {
  std::optional<int> threads;
  std::string device = "cpu";
};

void add_run_options(CLI::App& command, RunOptions& options);
/// NotSupported for a device that this machine or build has not.
void apply(const RunOptions& options);

}  // namespace banach::cli
