#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/datasets/csv.hpp>
#include <banach/formats/csv.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>

namespace banach::datasets::csv {
namespace {

using formats::CsvColumn;
using formats::CsvTable;

std::string error_at(const std::string& path, std::uint64_t line, const CsvColumn& column,
                     const std::string& what) {
  return fmt::format("[{}:{}] column '{}': {}", path, line, column.name, what);
}

std::size_t position_of(const std::string& name, const CsvTable& table, const std::string& path) {
  const auto found = std::ranges::find(table.columns, name, &CsvColumn::name);
  if (found != table.columns.end()) {
    return static_cast<std::size_t>(found - table.columns.begin());
  }
  constexpr std::size_t kNamesShown = 30;
  std::vector<std::string> names;
  for (const CsvColumn& column : table.columns) names.push_back(column.name);
  const std::string nearest = did_you_mean(name, names);
  const bool all = names.size() <= kNamesShown;
  names.resize(std::min(names.size(), kNamesShown));
  throw InvalidArgument(fmt::format("[{}] has no column '{}'. {}It has {}{}", path, name, nearest,
                                    join(names), all ? "" : ", ..."));
}

std::size_t position_of(std::int64_t index, const CsvTable& table, const std::string& path) {
  const auto count = static_cast<std::int64_t>(table.columns.size());
  if (index >= -count && index < count) {
    return static_cast<std::size_t>(index < 0 ? index + count : index);
  }
  throw InvalidArgument(
      fmt::format("[{}] has no column {}: expected -{} to {}", path, index, count, count - 1));
}

std::size_t position_of(const Column& column, const CsvTable& table, const std::string& path) {
  return std::visit([&](const auto& value) { return position_of(value, table, path); }, column);
}

void check_filled(const CsvColumn& column, const std::string& path) {
  if (column.empty_line == 0) return;
  throw InvalidArgument(error_at(path, column.empty_line, column,
                                 "is empty: fill in a value, or leave out the row or, with the "
                                 "option ignore, the column"));
}

void check_feature(const CsvColumn& column, const std::string& path) {
  if (!column.is_numeric) {
    throw InvalidArgument(error_at(
        path, column.text_line, column,
        fmt::format("expected a number, received '{}'. Features are numbers: make this column the "
                    "target, leave it out with the option ignore, or write its texts as numbers",
                    column.text)));
  }
  check_filled(column, path);
}

float to_float(double value, const CsvColumn& column, const std::string& path) {
  const auto result = static_cast<float>(value);
  if (std::isfinite(result)) return result;
  throw InvalidArgument(
      fmt::format("[{}] column '{}': {} does not fit float32", path, column.name, value));
}

Array features(const CsvTable& table, const std::vector<std::size_t>& positions,
               const std::string& path) {
  Array x({static_cast<std::int64_t>(table.rows), static_cast<std::int64_t>(positions.size())});
  float* values = x.mutable_values<float>().data();
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const CsvColumn& column = table.columns[positions[i]];
    for (std::size_t row = 0; row < table.rows; ++row) {
      values[row * positions.size() + i] = to_float(column.numbers[row], column, path);
    }
  }
  return x;
}

bool is_whole(double value) { return std::abs(value) <= 0x1p53 && std::trunc(value) == value; }

Array number_target(const CsvColumn& column, const std::string& path) {
  const Shape shape{static_cast<std::int64_t>(column.numbers.size())};
  if (std::ranges::all_of(column.numbers, is_whole)) {
    return Array::from<double>(column.numbers, shape).astype(int64);
  }
  Array y(shape);
  std::ranges::transform(column.numbers, y.mutable_values<float>().begin(),
                         [&](double value) { return to_float(value, column, path); });
  return y;
}

// The texts that occur, sorted.
std::vector<std::string> classes_of(const CsvColumn& column) {
  std::set<std::string_view> names;
  for (std::size_t row = 0; row < column.texts.size(); ++row) names.emplace(column.texts[row]);
  return {names.begin(), names.end()};
}

[[noreturn]] void refuse_class(const CsvColumn& column, std::size_t row,
                               const std::vector<std::string>& class_names,
                               const std::string& path) {
  const std::string name(column.texts[row]);
  throw InvalidArgument(fmt::format(
      "[{}] column '{}': the class '{}' of row {} is none of class_names. {}They are {}", path,
      column.name, name, row, did_you_mean(name, class_names), join(class_names)));
}

Array class_target(const CsvColumn& column, const std::vector<std::string>& class_names,
                   const std::string& path) {
  std::map<std::string_view, std::int64_t> labels;
  for (const std::string& name : class_names) {
    if (labels.emplace(name, std::ssize(labels)).second) continue;
    throw InvalidArgument(fmt::format("[{}] class_names has '{}' twice", path, name));
  }
  Array y({static_cast<std::int64_t>(column.texts.size())}, int64);
  const auto values = y.mutable_values<std::int64_t>();
  for (std::size_t row = 0; row < values.size(); ++row) {
    const auto found = labels.find(column.texts[row]);
    if (found == labels.end()) refuse_class(column, row, class_names, path);
    values[row] = found->second;
  }
  return y;
}

// The columns that are neither the target nor to be ignored.
std::vector<std::size_t> feature_positions(const CsvTable& table, std::optional<std::size_t> target,
                                           const Options& options, const std::string& path) {
  std::vector<bool> taken(table.columns.size());
  if (target) taken[*target] = true;
  for (const Column& column : options.ignore) {
    const std::size_t position = position_of(column, table, path);
    if (position == target) {
      throw InvalidArgument(fmt::format("[{}] column '{}' is the target and cannot be ignored",
                                        path, table.columns[position].name));
    }
    taken[position] = true;
  }
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (!taken[i]) positions.push_back(i);
  }
  if (!positions.empty()) return positions;
  throw InvalidArgument(
      fmt::format("[{}] no column is left for the features: the target is {} of {} columns. Is the "
                  "separator '{}' right?",
                  path, target ? "'" + table.columns[*target].name + "'" : "none", taken.size(),
                  options.separator));
}

void read_target(const CsvColumn& column, const Options& options, const std::string& path,
                 Data& data) {
  check_filled(column, path);
  if (column.is_numeric && !options.class_names.empty()) {
    throw InvalidArgument(fmt::format(
        "[{}] column '{}' holds numbers, which are no classes by name: leave out class_names, or "
        "write the classes as texts",
        path, column.name));
  }
  if (column.is_numeric) {
    data.y = number_target(column, path);
    return;
  }
  data.class_names = options.class_names.empty() ? classes_of(column) : options.class_names;
  data.y = class_target(column, data.class_names, path);
}

}  // namespace

Data load_data(const std::string& path, const Options& options) {
  const CsvTable table =
      formats::load_csv(path, {.separator = options.separator, .header = options.header});
  std::optional<std::size_t> target;
  if (options.target) target = position_of(*options.target, table, path);
  const auto positions = feature_positions(table, target, options, path);
  Data data;
  if (target) read_target(table.columns[*target], options, path, data);
  for (std::size_t position : positions) {
    check_feature(table.columns[position], path);
    data.feature_names.push_back(table.columns[position].name);
  }
  data.x = features(table, positions, path);
  return data;
}

}  // namespace banach::datasets::csv
