#include <banach/core/errors.hpp>
#include <banach/formats/csv_cells.hpp>
#include <banach/formats/utf8.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace banach::formats {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

std::string_view without_blanks(std::string_view cell) {
  const std::size_t begin = cell.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return cell.substr(begin, cell.find_last_not_of(" \t") - begin + 1);
}

std::optional<double> csv_number(std::string_view cell) {
  cell = without_blanks(cell);
  if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') cell.remove_prefix(1);
  double value = 0;
  const char* end = cell.data() + cell.size();
  const auto [stop, error] = std::from_chars(cell.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

CsvCells::CsvCells(std::string_view text, const std::string& name, char separator)
    : text_(text), name_(name), separator_(separator) {
  if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF")) {
    throw Corruption(fmt::format("[{}] is UTF-16: save it as UTF-8", name_));
  }
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
}

bool CsvCells::next_row() {
  while (next_cell()) continue;  // what is left of this row
  while (at_ < text_.size() && at_line_end()) skip_line_end();
  line_ = here_;
  column_ = 0;
  in_row_ = at_ < text_.size();
  return in_row_;
}

std::optional<std::string_view> CsvCells::next_cell() {
  if (!in_row_) return std::nullopt;
  ++column_;
  cell_line_ = here_;
  const bool quoted = at_ < text_.size() && text_[at_] == '"';
  const std::string_view cell = quoted ? quoted_cell() : plain_cell();
  end_cell();
  return cell;
}

std::string_view CsvCells::plain_cell() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && text_[at_] != separator_ && !at_line_end()) {
    if (text_[at_] == '"') {
      fail(here_, fmt::format("column {}: a quote inside a cell that does not begin with one: "
                              "write the cell between quotes and each of its quotes twice",
                              column_));
    }
    ++at_;
  }
  return text_.substr(begin, at_ - begin);
}

std::string_view CsvCells::quoted_cell() {
  const std::size_t begin = ++at_;
  bool doubled = false;
  for (;;) {
    if (at_ == text_.size()) {
      fail(cell_line_,
           fmt::format("column {}: the quote that opens here is never closed", column_));
    }
    if (text_[at_] == '"') {
      if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') break;
      doubled = true;
      at_ += 2;
    } else if (at_line_end()) {
      skip_line_end();
    } else {
      ++at_;
    }
  }
  const std::string_view cell = text_.substr(begin, at_ - begin);
  ++at_;
  if (!doubled) return cell;
  unquoted_.clear();
  for (std::size_t i = 0; i < cell.size(); ++i) {
    unquoted_ += cell[i];
    if (cell[i] == '"') ++i;
  }
  return unquoted_;
}

// Moves behind the separator, or to the end of the line and out of the row.
void CsvCells::end_cell() {
  if (at_ < text_.size() && text_[at_] == separator_) {
    ++at_;
    return;
  }
  if (at_ < text_.size() && !at_line_end()) {
    fail(here_, fmt::format("column {}: expected '{}' or the line's end after the closing quote",
                            column_, separator_));
  }
  in_row_ = false;
  if (at_ < text_.size()) skip_line_end();
}

bool CsvCells::at_line_end() const { return text_[at_] == '\n' || text_[at_] == '\r'; }

void CsvCells::skip_line_end() {
  if (text_[at_++] == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
  ++here_;
}

void CsvCells::check_text(std::string_view cell) const {
  if (cell.find('\0') != std::string_view::npos) {
    fail(cell_line_, fmt::format("column {}: a zero byte: this is no text file", column_));
  }
  if (!is_utf8(cell)) {
    fail(cell_line_, fmt::format("column {}: is no UTF-8: save the file as UTF-8", column_));
  }
}

void CsvCells::fail(std::uint64_t line, const std::string& what) const {
  throw Corruption(fmt::format("[{}:{}] {}", name_, line, what));
}

}  // namespace banach::formats
