#pragma once

#include <CLI/CLI.hpp>

namespace banach::cli {

// Each adds its subcommand, which runs while the command line is parsed. Errors are thrown.

/// `banach train MODEL --data D`.
void add_train(CLI::App& app);
/// `banach evaluate MODEL --data D`.
void add_evaluate(CLI::App& app);
/// `banach predict MODEL --input X`.
void add_predict(CLI::App& app);
/// `banach data list|fetch|show`.
void add_data(CLI::App& app);
/// `banach bench [CASE...]` and `banach bench kernels`.
void add_bench(CLI::App& app);

}  // namespace banach::cli
