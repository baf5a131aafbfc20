#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/formats/file.hpp>
#include <banach/plot/figure.hpp>
#include <banach/plot/gnuplot.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>

namespace banach::plot {
namespace {

constexpr std::string_view kNameCharacters =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

// Six digits, more than a picture can show.
std::string row_text(const std::vector<double>& row, char separator, std::string_view nan) {
  std::string text;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) text += separator;
    text += std::isnan(row[i]) ? std::string(nan) : fmt::format("{:.6g}", row[i]);
  }
  return text + '\n';
}

// gnuplot's name for numbers within a script.
std::string data_block(const Table& table) {
  std::string text = fmt::format("${} << END\n", table.name);
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (table.block > 0 && i > 0 && i % table.block == 0) text += '\n';
    text += row_text(table.rows[i], ' ', "NaN");
  }
  return text + "END\n";
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of("\",\r\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) result.append(c == '"' ? 2 : 1, c);
  return result + '"';
}

std::string lower_suffix(const std::string& path) {
  std::string suffix = std::filesystem::path(path).extension().string();
  std::ranges::transform(suffix, suffix.begin(), [](unsigned char c) { return std::tolower(c); });
  return suffix;
}

}  // namespace

std::string to_csv(const Table& table) {
  std::vector<std::string> header;
  for (const std::string& column : table.columns) header.push_back(csv_cell(column));
  std::string text = join(header, ",") + '\n';
  for (const std::vector<double>& row : table.rows) text += row_text(row, ',', "");
  return text;
}

void Figure::add(Table table) {
  const bool taken =
      std::ranges::any_of(tables_, [&](const Table& other) { return other.name == table.name; });
  const bool is_name = !table.name.empty() && !std::isdigit(table.name.front()) &&
                       table.name.find_first_not_of(kNameCharacters) == std::string::npos;
  if (taken || !is_name) {
    throw InvalidArgument(fmt::format(
        "[Figure.add] expected a name of letters and digits that no other table has, received '{}'",
        table.name));
  }
  for (const std::vector<double>& row : table.rows) {
    if (row.size() == table.columns.size()) continue;
    throw InvalidArgument(fmt::format("[Figure.add] '{}' has {} columns, received a row of {}",
                                      table.name, table.columns.size(), row.size()));
  }
  tables_.push_back(std::move(table));
}

std::string Figure::script(Format format) const {
  std::string text = theme(format, size_);
  for (const Table& table : tables_) text += data_block(table);
  for (const std::string& line : commands_) text += line + '\n';
  return text;
}

void Figure::save(const std::string& path) const {
  const std::string suffix = lower_suffix(path);
  const std::string stem = path.substr(0, path.size() - suffix.size());
  if (suffix == ".csv") {
    if (!tables_.empty()) return void(save_numbers(stem));
    throw NotSupported(fmt::format("[Figure.save] '{}': this picture shows no numbers", path));
  }
  if (suffix != ".svg" && suffix != ".png") {
    throw InvalidArgument(fmt::format(
        "[Figure.save] expected a path that ends in .svg, .png or .csv, received '{}'", path));
  }
  const auto picture = run_gnuplot(script(suffix == ".svg" ? Format::svg : Format::png));
  if (picture) return formats::write_file_atomic(path, *picture);
  const std::vector<std::string> files = save_numbers(stem);
  throw NotSupported(fmt::format(
      "[Figure.save] '{}' was not drawn, because gnuplot is not installed{}. Install the package "
      "gnuplot-nox: apt-get install gnuplot-nox",
      path, files.empty() ? "" : "; its numbers are in " + join(files)));
}

std::vector<std::string> Figure::save_numbers(const std::string& stem) const {
  std::vector<std::string> paths;
  for (const Table& table : tables_) {
    paths.push_back(stem + (tables_.size() > 1 ? "." + table.name : "") + ".csv");
    formats::write_file_atomic(paths.back(), formats::as_bytes(to_csv(table)));
  }
  return paths;
}

}  // namespace banach::plot
