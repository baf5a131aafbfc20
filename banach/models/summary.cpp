#include <banach/models/summary.hpp>
#include <banach/models/summary_table.hpp>

#include <fmt/ranges.h>

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

std::string shape_of(const SummaryRow& row) {
  return row.output_shape.empty() ? "?" : row.output_shape;
}

// TensorFlow 2's inputs have a list of one shape.
std::string tf2_shape_cell(const SummaryRow& row) {
  return row.class_name == "InputLayer" ? "[" + shape_of(row) + "]" : shape_of(row);
}

// Keras 3 writes "(None)" where Python writes "(None,)".
std::string keras3_shape_cell(const SummaryRow& row) {
  std::string shape = shape_of(row);
  for (std::size_t at; (at = shape.find(",)")) != std::string::npos;) shape.erase(at, 1);
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

std::string moments_cell(const SummaryRow& row) { return row.moments; }

std::string keras3_connections_cell(const SummaryRow& row) {
  return row.connections.empty() ? "-" : fmt::format("{}", fmt::join(row.connections, ", "));
}

// A Python list of texts.
std::string tf2_connections_cell(const SummaryRow& row) {
  return row.connections.empty() ? "[]" : fmt::format("['{}']", fmt::join(row.connections, "', '"));
}

constexpr Column kKeras3Columns[] = {{{"Layer (type)", 0.45}, layer_cell},
                                     {{"Output Shape", 0.80}, keras3_shape_cell},
                                     {{"Param #", 1.0, true}, keras3_parameters_cell}};
constexpr Column kTf2Columns[] = {{{"Layer (type)", 0.45}, layer_cell},
                                  {{"Output Shape", 0.85}, tf2_shape_cell},
                                  {{"Param #", 1.0}, tf2_parameters_cell}};

constexpr const char* kConnections = "Connected to";
constexpr Column kKeras3ConnectedColumns[] = {{{"Layer (type)", 0.3}, layer_cell},
                                              {{"Output Shape", 0.56}, keras3_shape_cell},
                                              {{"Param #", 0.74, true}, keras3_parameters_cell},
                                              {{kConnections, 1.0}, keras3_connections_cell}};
constexpr Column kTf2ConnectedColumns[] = {{{"Layer (type)", 0.3}, layer_cell},
                                           {{"Output Shape", 0.6}, tf2_shape_cell},
                                           {{"Param #", 0.7}, tf2_parameters_cell},
                                           {{kConnections, 1.0}, tf2_connections_cell}};

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
constexpr Column kKeras3ConnectedSnnColumns[] = {{{"Layer (type)", 0.26}, layer_cell},
                                                 {{"Output Shape", 0.46}, keras3_shape_cell},
                                                 {{kMoments, 0.64, true}, moments_cell},
                                                 {{"Param #", 0.77, true}, keras3_parameters_cell},
                                                 {{kConnections, 1.0}, keras3_connections_cell}};
constexpr Column kTf2ConnectedSnnColumns[] = {{{"Layer (type)", 0.25}, layer_cell},
                                              {{"Output Shape", 0.5}, tf2_shape_cell},
                                              {{kMoments, 0.66}, moments_cell},
                                              {{"Param #", 0.75}, tf2_parameters_cell},
                                              {{kConnections, 1.0}, tf2_connections_cell}};

std::span<const Column> columns_of(const Summary& summary, SummaryStyle style) {
  using Columns = std::span<const Column>;
  if (style == SummaryStyle::tf2) {
    if (summary.connected) {
      return summary.expand_snn ? Columns(kTf2ConnectedSnnColumns) : kTf2ConnectedColumns;
    }
    return summary.expand_snn ? Columns(kTf2SnnColumns) : kTf2Columns;
  }
  if (summary.connected) {
    return summary.expand_snn ? Columns(kKeras3ConnectedSnnColumns) : kKeras3ConnectedColumns;
  }
  return summary.expand_snn ? Columns(kKeras3SnnColumns) : kKeras3Columns;
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

int summary_width(SummaryStyle style, bool connected, int terminal_columns) {
  if (style == SummaryStyle::tf2) return connected ? 98 : 65;
  return std::min(connected ? 108 : 88, terminal_columns - 4);
}

std::string format_summary(const Summary& summary, SummaryStyle style, int width, bool ascii) {
  const int wider = summary.expand_snn ? kMomentsWidth : 0;
  const int line = width == 0 ? summary_width(style, summary.connected) + wider : width;
  const detail::Table table = table_of(columns_of(summary, style), summary.rows);
  const std::string title = fmt::format("Model: \"{}\"\n", summary.model_name);
  if (style == SummaryStyle::tf2) {
    const std::string rule = detail::repeated("_", line) + "\n";
    return title + rule + detail::tf2_table(table, line) + tf2_counts(summary) + rule;
  }
  return title + detail::keras3_table(table, line, ascii) + keras3_counts(summary);
}

}  // namespace banach
