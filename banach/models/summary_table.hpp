#pragma once

#include <string>
#include <string_view>
#include <vector>

/// The tables of a summary: texts in columns, drawn as Keras 3 and as TensorFlow 2 draw them.
namespace banach::detail {

struct TableColumn {
  std::string_view header;
  double stop;         ///< where it ends, as a part of the line
  bool right = false;  ///< aligned to the right; keras3 only
};

struct Table {
  std::vector<TableColumn> columns;
  std::vector<std::vector<std::string>> rows;  ///< a UTF-8 text for each column
};

/// `text`, `times` times.
std::string repeated(std::string_view text, int times);

/// A box, as the Python library rich draws it for Keras 3. Long cells wrap between words; what is
/// still too long ends in an ellipsis. Both tables throw InvalidArgument for too short a `line`.
std::string keras3_table(const Table& table, int line, bool ascii);
/// Header, rule and rows with a blank line behind each; long cells wrap behind an item of a list,
/// or wherever the column ends.
std::string tf2_table(const Table& table, int line);

}  // namespace banach::detail
