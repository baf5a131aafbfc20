#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace banach::formats {

/// A cell without the blanks and tabs around it.
std::string_view without_blanks(std::string_view cell);

/// The number that a cell is, whatever the locale: finite, blanks around it and a plus sign
/// allowed.
std::optional<double> csv_number(std::string_view cell);

/// The cells of a CSV file, one after the other. Borrows the text and its name.
class CsvCells {
 public:
  CsvCells(std::string_view text, const std::string& name, char separator);

  /// Moves to the next line that is not empty; false at the end of the file.
  bool next_row();
  /// The next cell of the row, valid until the following call; nullopt at the row's end. Corruption
  /// when its quotes do not match.
  std::optional<std::string_view> next_cell();
  /// Corruption when the cell just given is no UTF-8 or has a zero byte; numbers need no check.
  void check_text(std::string_view cell) const;

  std::uint64_t line() const { return line_; }            ///< where the row begins, from 1
  std::uint64_t cell_line() const { return cell_line_; }  ///< where the last cell begins
  /// Corruption "[name:line] what".
  [[noreturn]] void fail(std::uint64_t line, const std::string& what) const;

 private:
  std::string_view plain_cell();
  std::string_view quoted_cell();
  void end_cell();
  bool at_line_end() const;
  void skip_line_end();

  std::string_view text_;
  const std::string& name_;
  char separator_;
  std::size_t at_ = 0;
  bool in_row_ = false;
  std::uint64_t here_ = 1;  // the line of text_[at_]
  std::uint64_t line_ = 1, cell_line_ = 1, column_ = 0;
  std::string unquoted_;  // a cell whose doubled quotes are single
};

}  // namespace banach::formats
