#pragma once

#include <banach/formats/file.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banach::formats {

struct CsvOptions {
  char separator = ',';
  std::optional<bool> header = {};  ///< is the first row names? By default: when none is a number
  std::uint64_t max_bytes = kMaxBytes;
};

/// Many texts in one block of memory.
class CsvTexts {
 public:
  void push_back(std::string_view text);
  std::size_t size() const { return ends_.size(); }
  std::string_view operator[](std::size_t i) const;

 private:
  std::string characters_;
  std::vector<std::uint64_t> ends_;
};

/// A column: numbers when every cell that is not empty is one, an empty cell being NaN; else texts.
struct CsvColumn {
  std::string name;  ///< from the header, or "column_0", "column_1", ...
  bool is_numeric = true;
  std::vector<double> numbers = {};
  CsvTexts texts = {};
  std::uint64_t empty_line = 0;  ///< the line of the first empty cell, counted from 1; 0: none
  std::uint64_t text_line = 0;   ///< of the first text
  std::string text = {};         ///< that text, shortened when it is long
};

struct CsvTable {
  std::uint64_t rows = 0;
  std::vector<CsvColumn> columns;
};

/// The table in a CSV file as RFC 4180 has it: cells between quotes may hold separators, line ends
/// and doubled quotes; lines end in LF, CRLF or CR; a byte order mark and empty lines are skipped.
/// Numbers have a decimal point whatever the locale; blanks around them do not count. UTF-8 alone.
/// Corruption, naming the file as `name`, line and column, when rows differ in length, quotes do
/// not match, a byte is no text, names repeat, or there is no row; InvalidArgument for a separator
/// that cannot be one. What is kept is 8 bytes a cell, and the texts.
CsvTable parse_csv(std::string_view text, const std::string& name, const CsvOptions& options = {});
/// The same from a file; also everything read_file throws.
CsvTable load_csv(const std::string& path, const CsvOptions& options = {});

}  // namespace banach::formats
