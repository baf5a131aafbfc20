#pragma once

#include <cli/command.hpp>

namespace banach::cli {

// Each adds its subcommand, which runs while the command line is parsed. Errors are thrown.

/// `banach train MODEL --data D`.
void add_train(Command app);
/// `banach evaluate MODEL --data D`.
void add_evaluate(Command app);
/// `banach predict MODEL --input X`.
void add_predict(Command app);
/// `banach summary MODEL`: layers, shapes and parameters.
void add_summary(Command app);
/// `banach check MODEL [--data D]`: whether it normalizes itself.
void add_check(Command app);
/// `banach convert SRC DST`: a model in another format, which the suffixes say.
void add_convert(Command app);
/// `banach export MODEL OUT.onnx`.
void add_export(Command app);
/// `banach inspect FILE`: what is in a file.
void add_inspect(Command app);
/// `banach plot KIND ...`: pictures, drawn by gnuplot.
void add_plot(Command app);
/// `banach verify MODEL [VECTORS.npz]`: whether a model computes what it did.
void add_verify(Command app);
/// `banach devices`: what a model runs on.
void add_devices(Command app);
/// `banach bench [CASE...]` and `banach bench kernels`.
void add_bench(Command app);
/// `banach snn [EXPERIMENT...]`: the experiments on self-normalizing networks.
void add_snn(Command app);
/// `banach data list|fetch|show`.
void add_data(Command app);

}  // namespace banach::cli
