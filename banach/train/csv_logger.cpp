#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/train/csv_logger.hpp>
#include <banach/train/messages.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach::callbacks {
namespace {

// Columns for a validation are there even if there is none.
std::vector<std::string> columns_of(const Logs& logs) {
  std::vector<std::string> columns;
  for (const auto& [name, value] : logs) columns.push_back(name);
  const auto is_validation = [](const std::string& name) { return name.starts_with("val_"); };
  if (std::ranges::any_of(columns, is_validation)) return columns;
  for (const auto& [name, value] : logs) columns.push_back("val_" + name);
  return columns;
}

}  // namespace

CSVLogger::CSVLogger(std::string filename, const CSVLoggerOptions& options)
    : filename_(std::move(filename)), options_(options) {
  const std::string& separator = options_.separator;
  if (separator.size() == 1 && separator.find_first_of("\r\n\"") == std::string::npos) return;
  throw InvalidArgument(fmt::format(
      "[CSVLogger] separator must be one character, no quote and no line end, received '{}'",
      separator));
}

void CSVLogger::on_train_begin(const Logs&) {
  file_.emplace(filename_, options_.append);
  columns_.clear();
}

void CSVLogger::on_epoch_end(std::int64_t epoch, Logs& logs) {
  std::string text;
  if (columns_.empty()) {
    columns_ = columns_of(logs);
    std::vector<std::string> header = {"epoch"};
    header.insert(header.end(), columns_.begin(), columns_.end());
    if (file_->empty()) text = line(header);
  }
  std::vector<std::string> fields = {std::to_string(epoch)};
  for (const std::string& column : columns_) {
    const auto found = logs.find(column);
    fields.push_back(found == logs.end() ? "NA" : python_repr(found->second));
  }
  text += line(fields);
  file_->write(formats::as_bytes(text));
}

void CSVLogger::on_train_end(const Logs&) { file_.reset(); }

std::string CSVLogger::line(const std::vector<std::string>& fields) const {
  std::vector<std::string> cells;
  for (const std::string& field : fields) cells.push_back(quoted(field));
  return join(cells, options_.separator) + "\r\n";
}

// As Python's csv module does by default: only where it has to be.
std::string CSVLogger::quoted(const std::string& field) const {
  if (field.find_first_of("\"\r\n" + options_.separator) == std::string::npos) return field;
  std::string result = "\"";
  for (const char c : field) result.append(c == '"' ? 2 : 1, c);
  return result + '"';
}

}  // namespace banach::callbacks
