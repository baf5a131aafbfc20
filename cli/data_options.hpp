#pragma once

#include <cli/samples.hpp>

#include <CLI/CLI.hpp>

namespace banach::cli {

/// How data is read, as it is given on the command line.
struct DataOptions {
  std::string target;
  std::vector<std::string> ignore;
  bool no_rescale = false;
};

void add_table_options(CLI::App& command, DataOptions& options);
/// These, and whether bytes become numbers in [0, 1].
void add_data_options(CLI::App& command, DataOptions& options);

Samples read_samples(const Model& model, const std::string& data, const DataOptions& options,
                     Part part, bool targets = true);

}  // namespace banach::cli
