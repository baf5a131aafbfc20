#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace banach {

/// Loss and metrics by name, "val_..." for the validation data.
using Logs = std::map<std::string, double>;

/// What a fit or evaluate was asked for, as Callback.params.
struct TrainingParams {
  int verbose = 1;
  std::int64_t epochs = 0;  ///< the last one's number, initial_epoch included
  std::int64_t steps = 0;   ///< batches an epoch
};

/// What fit() measured, as keras.callbacks.History.
struct History {
  std::map<std::string, std::vector<double>> history;  ///< name -> one value an epoch
  std::vector<std::int64_t> epoch;
  TrainingParams params;
};

}  // namespace banach
