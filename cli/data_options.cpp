#include <cli/data_options.hpp>

namespace banach::cli {

void add_table_options(Command command, DataOptions& options) {
  command.add_option("--target", options.target,
                     "The column of a .csv file to predict; the last by default");
  command.add_option("--ignore", options.ignore, "Columns of a .csv file to leave out")
      .delimiter(',');
}

void add_data_options(Command command, DataOptions& options) {
  add_table_options(command, options);
  command.add_flag("--no-rescale", options.no_rescale,
                   "Leave bytes as they are; else they become numbers in [0, 1], unless the model "
                   "begins with Rescaling");
}

}  // namespace banach::cli
