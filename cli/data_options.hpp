#pragma once

#include <cli/command.hpp>

#include <string>
#include <vector>

namespace banach::cli {

/// How data is read, as it is given on the command line.
struct DataOptions {
  std::string target;
  std::vector<std::string> ignore;
  bool no_rescale = false;
};

void add_table_options(Command command, DataOptions& options);
/// These, and whether bytes become numbers in [0, 1].
void add_data_options(Command command, DataOptions& options);

}  // namespace banach::cli
