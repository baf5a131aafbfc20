#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace banach {

/// Loss and metrics by name, "val_..." for the validation data.
using Logs = std::map<std::string, double>;

/// What fit() measured, as keras.callbacks.History.
struct History {
  std::map<std::string, std::vector<double>> history;  ///< name -> one value an epoch
  std::vector<std::int64_t> epoch;
  struct {
    int verbose = 1;
    std::int64_t epochs = 0;
    std::int64_t steps = 0;
  } params;
};

}  // namespace banach
