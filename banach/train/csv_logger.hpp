#pragma once

#include <banach/formats/append_file.hpp>
#include <banach/models/callback.hpp>

#include <optional>
#include <string>
#include <vector>

namespace banach::callbacks {

struct CSVLoggerOptions {
  std::string separator = ",";  ///< one character
  bool append = false;          ///< keeps what the file holds; a header only if that is nothing
};

/// Writes a line of the logs for every epoch: the epoch from 0, then the quantities by name; "NA"
/// for the quantities of a validation that there is not. A line is in the file, complete, when
/// on_epoch_end returns. Keras: callbacks/csv_logger.py.
class CSVLogger final : public Callback {
 public:
  explicit CSVLogger(std::string filename, const CSVLoggerOptions& options = {});

  /// IOError when the file cannot be written.
  void on_train_begin(const Logs& logs) override;
  void on_epoch_end(std::int64_t epoch, Logs& logs) override;
  void on_train_end(const Logs& logs) override;

 private:
  std::string line(const std::vector<std::string>& fields) const;
  std::string quoted(const std::string& field) const;

  std::string filename_;
  CSVLoggerOptions options_;
  std::optional<formats::AppendFile> file_;
  std::vector<std::string> columns_;  // but the epoch; those of the training's first epoch
};

}  // namespace banach::callbacks
