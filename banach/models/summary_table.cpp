#include <banach/core/errors.hpp>
#include <banach/models/summary_table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace banach::detail {
namespace {

using Cells = std::vector<std::string>;
using Columns = std::vector<TableColumn>;

Cells headers(const Columns& columns) {
  Cells cells;
  for (const TableColumn& column : columns) cells.emplace_back(column.header);
  return cells;
}

std::vector<int> column_widths(const Columns& columns, int line) {
  std::vector<int> widths;
  int begin = 0;
  for (const TableColumn& column : columns) {
    const int end = static_cast<int>(column.stop * line);
    if (end - begin < 4) {
      throw InvalidArgument(fmt::format(
          "[summary] width must leave 4 characters to each of {} columns, received {}. Pass a "
          "greater one.",
          columns.size(), line));
    }
    widths.push_back(end - begin);
    begin = end;
  }
  return widths;
}

bool starts_character(char c) { return (c & 0xC0) != 0x80; }

// Characters of UTF-8 text.
int length(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), starts_character));
}

// The first `count` characters.
std::string prefix(std::string_view text, int count) {
  std::size_t end = 0;
  while (end < text.size() && (!starts_character(text[end]) || count-- > 0)) ++end;
  return std::string(text.substr(0, end));
}

// ---- Keras 3

struct Rule {
  std::string_view left, fill, border, right;
};
struct Box {
  Rule top, header, below_header, row, between_rows, bottom;
  std::string_view ellipsis;
};
constexpr Box kBox = {{"┏", "━", "┳", "┓"},
                      {"┃", " ", "┃", "┃"},
                      {"┡", "━", "╇", "┩"},
                      {"│", " ", "│", "│"},
                      {"├", "─", "┼", "┤"},
                      {"└", "─", "┴", "┘"},
                      "…"};
constexpr Box kAsciiBox = {{"+", "-", "-", "+"},
                           {"|", " ", "|", "|"},
                           {"|", "-", "+", "|"},
                           {"|", " ", "|", "|"},
                           {"|", "-", "+", "|"},
                           {"+", "-", "-", "+"},
                           "."};

// The widths of the texts. Keras takes the whole line for them; rich then finds no room for the
// borders and for a blank on both sides, and takes it from the columns in turn.
std::vector<int> text_widths(const Columns& columns, int line) {
  std::vector<int> widths = column_widths(columns, line);
  const int num_columns = static_cast<int>(widths.size());
  int missing = 3 * num_columns + 1;
  for (int i = 0; i < num_columns; ++i) {
    const int share = static_cast<int>(std::nearbyint(double(missing) / (num_columns - i)));
    widths[i] -= share;
    missing -= share;
  }
  return widths;
}

std::string keras3_rule(const Rule& rule, const std::vector<int>& widths) {
  std::string text;
  for (const int width : widths) {
    text += text.empty() ? rule.left : rule.border;
    text += repeated(rule.fill, width + 2);
  }
  return text.append(rule.right) + '\n';
}

// As many words in a line as it holds; a longer word has a line of its own.
Cells wrap(std::string_view text, int width) {
  Cells lines(1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::size_t next = std::min(text.find_first_not_of(' ', end), text.size());
    const int used = length(lines.back());
    if (used > 0 && used + length(text.substr(0, end)) > width) lines.emplace_back();
    lines.back() += text.substr(0, next);
    text.remove_prefix(next);
  }
  return lines;
}

// One line of a cell: exactly `width` characters.
std::string fitted(std::string text, int width, bool right, std::string_view ellipsis) {
  text.erase(text.find_last_not_of(' ') + 1);
  if (length(text) > width) text = prefix(text, width - 1).append(ellipsis);
  const std::string blanks = repeated(" ", width - length(text));
  return right ? blanks + text : text + blanks;
}

// Cells with fewer lines than others are at the bottom of the header and at the top of a row.
std::vector<Cells> wrap_cells(const Cells& cells, const std::vector<int>& widths, bool header) {
  std::vector<Cells> wrapped;
  std::size_t height = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    wrapped.push_back(wrap(cells[i], widths[i]));
    height = std::max(height, wrapped[i].size());
  }
  for (Cells& lines : wrapped) {
    lines.insert(header ? lines.begin() : lines.end(), height - lines.size(), "");
  }
  return wrapped;
}

std::string keras3_row(const Box& box, bool header, const Columns& columns, const Cells& cells,
                       const std::vector<int>& widths) {
  const Rule& rule = header ? box.header : box.row;
  const std::vector<Cells> wrapped = wrap_cells(cells, widths, header);
  std::string text;
  for (std::size_t line = 0; line < wrapped[0].size(); ++line) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      text.append(i == 0 ? rule.left : rule.border) += ' ';
      text += fitted(wrapped[i][line], widths[i], columns[i].right, box.ellipsis) + ' ';
    }
    text.append(rule.right) += '\n';
  }
  return text;
}

// ---- TensorFlow 2

// What of a text goes into a line of `width`: no more than an item of a list, if one ends there.
std::string tf2_part(const std::string& text, int width) {
  std::string part = prefix(text, width);
  std::size_t cut = part.size();
  for (const std::string_view end : {"),", "},", "],", "',"}) {
    const std::size_t found = part.find(end);
    if (found != std::string::npos) cut = std::min(cut, found + end.size());
  }
  return part.substr(0, cut);
}

// Text that is too long goes on in the next line, wherever it has to be cut.
std::string tf2_row(Cells cells, const std::vector<int>& widths) {
  std::string text;
  const auto is_empty = [](const std::string& cell) { return cell.empty(); };
  while (!std::all_of(cells.begin(), cells.end(), is_empty)) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool last = i + 1 == cells.size();
      const std::string part = tf2_part(cells[i], last ? widths[i] : widths[i] - 3);
      const int indent = i == 0 ? 1 : 0;
      text += repeated(" ", indent) + part + repeated(" ", widths[i] - length(part) - indent);
      cells[i].erase(0, part.size());
    }
    text += '\n';
  }
  return text;
}

}  // namespace

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

std::string keras3_table(const Table& table, int line, bool ascii) {
  const Box& box = ascii ? kAsciiBox : kBox;
  const std::vector<int> widths = text_widths(table.columns, line);
  std::string text = keras3_rule(box.top, widths) +
                     keras3_row(box, true, table.columns, headers(table.columns), widths) +
                     keras3_rule(box.below_header, widths);
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (i > 0) text += keras3_rule(box.between_rows, widths);
    text += keras3_row(box, false, table.columns, table.rows[i], widths);
  }
  return text + keras3_rule(box.bottom, widths);
}

std::string tf2_table(const Table& table, int line) {
  const std::vector<int> widths = column_widths(table.columns, line);
  const std::string rule = repeated("=", line) + "\n";
  std::string text = tf2_row(headers(table.columns), widths) + rule;
  for (const Cells& cells : table.rows) {
    text += tf2_row(cells, widths) + repeated(" ", line) + "\n";
  }
  return text + rule;
}

}  // namespace banach::detail
