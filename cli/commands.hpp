#pragma once

#include <CLI/CLI.hpp>

namespace banach::cli {

// Each adds its subcommand, which runs while the command line is parsed. Errors are thrown.

/// `banach bench [CASE...]` and `banach bench kernels`.
void add_bench(CLI::App& app);

}  // namespace banach::cli
