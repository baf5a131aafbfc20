#include <banach/core/errors.hpp>
#include <banach/formats/csv.hpp>
#include <banach/formats/csv_cells.hpp>
#include <banach/formats/utf8.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <unordered_map>

namespace banach::formats {
namespace {

constexpr std::size_t kMaxColumns = 100'000;
constexpr std::size_t kLongestShown = 40;  // characters of a text in an error

std::string shortened(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && end < kLongestShown) next_code_point(text, end);
  return std::string(text.substr(0, end)) + (end < text.size() ? "..." : "");
}

// Reads the text twice: what its columns are and how many rows it has, then their values.
class Reader {
 public:
  Reader(std::string_view text, const std::string& name, const CsvOptions& options)
      : text_(text), name_(name), options_(options) {}

  CsvTable run() {
    read_first_row();
    check_names();
    for (CsvCells cells = rows(); cells.next_row();) inspect_row(cells);
    if (table_.rows == 0) throw Corruption(fmt::format("[{}] holds names but no row", name_));
    for (CsvColumn& column : table_.columns) {
      if (column.is_numeric) column.numbers.reserve(table_.rows);
    }
    for (CsvCells cells = rows(); cells.next_row();) keep_row(cells);
    return std::move(table_);
  }

 private:
  CsvCells cells() const { return {text_, name_, options_.separator}; }
  // Before the first row of values.
  CsvCells rows() const {
    CsvCells result = cells();
    if (has_header_) result.next_row();
    return result;
  }

  void read_first_row() {
    CsvCells first = cells();
    if (!first.next_row()) throw Corruption(fmt::format("[{}] is empty", name_));
    first_line_ = first.line();
    bool numbers = false;
    while (const auto cell = first.next_cell()) {
      if (table_.columns.size() == kMaxColumns) {
        first.fail(first.line(), fmt::format("more than {} columns", kMaxColumns));
      }
      first.check_text(*cell);
      numbers |= csv_number(*cell).has_value();
      table_.columns.push_back({.name = std::string(without_blanks(*cell))});
    }
    has_header_ = options_.header.value_or(!numbers);
  }

  void check_names() {
    std::unordered_map<std::string_view, std::size_t> seen;
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      std::string& name = table_.columns[i].name;
      if (!has_header_ || name.empty()) name = fmt::format("column_{}", i);
      const auto [other, is_new] = seen.emplace(name, i);
      if (is_new) continue;
      throw Corruption(fmt::format("[{}:{}] columns {} and {} are both called '{}': rename one",
                                   name_, first_line_, other->second + 1, i + 1, shortened(name)));
    }
  }

  void inspect_row(CsvCells& cells) {
    std::size_t count = 0;
    while (const auto cell = cells.next_cell()) {
      if (count < table_.columns.size()) {
        inspect(table_.columns[count], *cell, cells);
      }
      ++count;
    }
    if (count != table_.columns.size()) {
      cells.fail(cells.line(), fmt::format("expected {} cells as in line {}, received {}",
                                           table_.columns.size(), first_line_, count));
    }
    ++table_.rows;
  }

  static void inspect(CsvColumn& column, std::string_view cell, const CsvCells& cells) {
    if (csv_number(cell)) return;
    cells.check_text(cell);
    if (without_blanks(cell).empty()) {
      if (column.empty_line == 0) column.empty_line = cells.cell_line();
    } else if (column.is_numeric) {
      column.is_numeric = false;
      column.text_line = cells.cell_line();
      column.text = shortened(cell);
    }
  }

  void keep_row(CsvCells& cells) {
    for (CsvColumn& column : table_.columns) {
      const std::string_view cell = *cells.next_cell();
      if (!column.is_numeric) {
        column.texts.push_back(cell);
      } else {
        constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
        column.numbers.push_back(csv_number(cell).value_or(kMissing));
      }
    }
  }

  std::string_view text_;
  const std::string& name_;
  const CsvOptions& options_;
  bool has_header_ = false;
  std::uint64_t first_line_ = 1;
  CsvTable table_;
};

void check_separator(char separator) {
  constexpr std::string_view kTaken = "\"\r\n+-.eE0123456789";
  if (separator != '\0' && kTaken.find(separator) == std::string_view::npos &&
      static_cast<unsigned char>(separator) < 0x80) {
    return;
  }
  throw InvalidArgument(fmt::format(
      "[read_csv] a separator is one character that stands in no number and is no quote "
      "and no line end, such as ',', ';' or '\\t'; received the byte {}",
      static_cast<int>(static_cast<unsigned char>(separator))));
}

}  // namespace

void CsvTexts::push_back(std::string_view text) {
  characters_ += text;
  ends_.push_back(characters_.size());
}

std::string_view CsvTexts::operator[](std::size_t i) const {
  const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
  return std::string_view(characters_).substr(begin, ends_[i] - begin);
}

CsvTable parse_csv(std::string_view text, const std::string& name, const CsvOptions& options) {
  check_separator(options.separator);
  return Reader(text, name, options).run();
}

CsvTable load_csv(const std::string& path, const CsvOptions& options) {
  return parse_csv(as_text(read_file(path, options.max_bytes)), path, options);
}

}  // namespace banach::formats
