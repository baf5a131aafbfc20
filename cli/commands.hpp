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
/// `banach summary MODEL`: layers, shapes and parameters.
void add_summary(CLI::App& app);
/// `banach check MODEL [--data D]`: whether it normalizes itself.
void add_check(CLI::App& app);
/// `banach convert SRC DST`: a model in another format, which the suffixes say.
void add_convert(CLI::App& app);
/// `banach export MODEL OUT.onnx`.
void add_export(CLI::App& app);
/// `banach inspect FILE`: what is in a file.
void add_inspect(CLI::App& app);
/// `banach plot KIND ...`: pictures, drawn by gnuplot.
void add_plot(CLI::App& app);
/// `banach verify MODEL [VECTORS.npz]`: whether a model computes what it did.
void add_verify(CLI::App& app);
/// `banach devices`: what a model runs on.
void add_devices(CLI::App& app);
/// `banach bench [CASE...]` and `banach bench kernels`.
void add_bench(CLI::App& app);
/// `banach snn [EXPERIMENT...]`: the experiments on self-normalizing networks.
void add_snn(CLI::App& app);
/// `banach data list|fetch|show`.
void add_data(CLI::App& app);

}  // namespace banach::cli
