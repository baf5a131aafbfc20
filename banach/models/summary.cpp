#include <banach/models/summary.hpp>
#include <banach/models/summary_table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>

namespace banach {
namespace {

struct Column {
  detail::TableColumn head;
  std::string (*cell)(const SummaryRow& row);
};

std::string layer_cell(const SummaryRow& row) {
  return fmt::format("{} ({})", row.name, row.class_name);
}

std::string tf2_shape_cell(const SummaryRow& row) {
  return row.output_shape.empty() ? "?" : row.output_shape;
}

// Keras 3 writes "(None)" where Python writes "(None,)".
std::string keras3_shape_cell(const SummaryRow& row) {
  std::string shape = tf2_shape_cell(row);
  if (shape.ends_with(",)")) shape.erase(shape.size() - 2, 1);
  return shape;
}

// "5,538,048".
std::string with_commas(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string keras3_parameters_cell(const SummaryRow& row) {
  return row.built ? with_commas(row.parameters) : "0 (unbuilt)";
}

std::string tf2_parameters_cell(const SummaryRow& row) {
  return row.built ? std::to_string(row.parameters) : "0 (unused)";
}

constexpr Column kKeras3Columns[] = {{{"Layer (type)", 0.45}, layer_cell},
                                     {{"Output Shape", 0.80}, keras3_shape_cell},
                                     {{"Param #", 1.0, true}, keras3_parameters_cell}};
constexpr Column kTf2Columns[] = {{{"Layer (type)", 0.45}, layer_cell},
                                  {{"Output Shape", 0.85}, tf2_shape_cell},
                                  {{"Param #", 1.0}, tf2_parameters_cell}};

std::string moments_cell(const SummaryRow& row) { return row.moments; }

// With a column more, of this width.
constexpr int kMomentsWidth = 19;
constexpr const char* kMoments = "Mean, variance";
constexpr Column kKeras3SnnColumns[] = {{{"Layer (type)", 0.38}, layer_cell},
                                        {{"Output Shape", 0.65}, keras3_shape_cell},
                                        {{kMoments, 0.85, true}, moments_cell},
                                        {{"Param #", 1.0, true}, keras3_parameters_cell}};
constexpr Column kTf2SnnColumns[] = {{{"Layer (type)", 0.36}, layer_cell},
                                     {{"Output Shape", 0.65}, tf2_shape_cell},
                                     {{kMoments, 0.87}, moments_cell},
                                     {{"Param #", 1.0}, tf2_parameters_cell}};

std::span<const Column> columns_of(const Summary& summary, SummaryStyle style) {
  if (style == SummaryStyle::tf2) {
    return summary.expand_snn ? std::span<const Column>(kTf2SnnColumns) : kTf2Columns;
  }
  return summary.expand_snn ? std::span<const Column>(kKeras3SnnColumns) : kKeras3Columns;
}

detail::Table table_of(std::span<const Column> columns, const std::vector<SummaryRow>& rows) {
  detail::Table table;
  for (const Column& column : columns) table.columns.push_back(column.head);
  for (const SummaryRow& row : rows) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    for (const Column& column : columns) cells.push_back(column.cell(row));
  }
  return table;
}

// "3.64 KB".
std::string readable(double bytes, std::string_view unit) {
  for (const std::string_view larger : {"KB", "MB", "GB", "TB", "PB"}) {
    if (bytes < 1024) break;
    bytes /= 1024;
    unit = larger;
  }
  return fmt::format("{:.2f} {}", bytes, unit);
}

ParameterCount total(const Summary& summary) {
  return {summary.trainable.count + summary.non_trainable.count,
          summary.trainable.bytes + summary.non_trainable.bytes};
}

std::string keras3_count(std::string_view label, const ParameterCount& parameters) {
  return fmt::format(" {} params: {} ({})\n", label, with_commas(parameters.count),
                     readable(static_cast<double>(parameters.bytes), "B"));
}

std::string keras3_counts(const Summary& summary) {
  ParameterCount all = total(summary);
  if (summary.optimizer) {
    all.count += summary.optimizer->count;
    all.bytes += summary.optimizer->bytes;
  }
  return keras3_count("Total", all) + keras3_count("Trainable", summary.trainable) +
         keras3_count("Non-trainable", summary.non_trainable) +
         (summary.optimizer ? keras3_count("Optimizer", *summary.optimizer) : "");
}

std::string tf2_count(std::string_view label, const ParameterCount& parameters) {
  return fmt::format("{} params: {} ({})\n", label, parameters.count,
                     readable(static_cast<double>(parameters.bytes), "Byte"));
}

std::string tf2_counts(const Summary& summary) {
  return tf2_count("Total", total(summary)) + tf2_count("Trainable", summary.trainable) +
         tf2_count("Non-trainable", summary.non_trainable);
}

}  // namespace

int summary_width(SummaryStyle style, int terminal_columns) {
  return style == SummaryStyle::keras3 ? std::min(88, terminal_columns - 4) : 65;
}

std::string format_summary(const Summary& summary, SummaryStyle style, int width, bool ascii) {
  const int wider = summary.expand_snn ? kMomentsWidth : 0;
  const int line = width == 0 ? summary_width(style) + wider : width;
  const detail::Table table = table_of(columns_of(summary, style), summary.rows);
  const std::string title = fmt::format("Model: \"{}\"\n", summary.model_name);
  if (style == SummaryStyle::tf2) {
    const std::string rule = detail::repeated("_", line) + "\n";
    return title + rule + detail::tf2_table(table, line) + tf2_counts(summary) + rule;
  }
  return title + detail::keras3_table(table, line, ascii) + keras3_counts(summary);
}

}  // namespace banach
