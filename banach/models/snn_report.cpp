#include <banach/core/fields.hpp>
#include <banach/models/snn_check.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace banach::snn {
namespace {

using Cells = std::vector<std::string>;

std::string number(double value) {
  const double size = std::abs(value);
  if (!std::isfinite(value)) return "nan";
  return size != 0 && (size < 1e-3 || size >= 1e4) ? fmt::format("{:.2e}", value)
                                                   : fmt::format("{:.3f}", value);
}

void add_moments(Cells& cells, const std::optional<Moments>& moments) {
  cells.push_back(moments ? number(moments->mean) : "?");
  cells.push_back(moments ? number(moments->variance) : "?");
}

std::string with_spread(double mean, double spread) {
  return fmt::format("{} +- {}", number(mean), number(spread));
}

std::string theorem_text(const std::optional<std::vector<std::string>>& outside) {
  if (!outside) return "";
  return outside->empty() ? "inside" : fmt::format("outside: {}", fmt::join(*outside, ", "));
}

bool is_measured(const CheckReport& report) {
  return std::ranges::any_of(report.layers, [](const auto& l) { return l.measured.has_value(); });
}

Cells cells_of(const LayerReport& layer, bool measured) {
  Cells cells{fmt::format("{} ({})", layer.name, layer.class_name)};
  add_moments(cells, layer.expected);
  if (measured) add_moments(cells, layer.measured);
  const auto& w = layer.weights;
  cells.push_back(w ? with_spread(w->mean.omega, w->spread.omega) : "");
  cells.push_back(w ? with_spread(w->mean.tau, w->spread.tau) : "");
  cells.push_back(theorem_text(layer.outside));
  return cells;
}

std::vector<Cells> table_of(const CheckReport& report) {
  const bool measured = is_measured(report);
  Cells header{"layer", "mean", "variance"};
  if (measured) header = {"layer", "mean: theory", "variance: theory", "mean", "variance"};
  header.insert(header.end(), {"omega", "tau", "theorem 1"});
  std::vector<Cells> rows{header};
  for (const LayerReport& layer : report.layers) rows.push_back(cells_of(layer, measured));
  return rows;
}

// The first and the last column are texts, the others stand to the right.
std::string text_of(const std::vector<Cells>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Cells& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Cells& row : rows) {
    std::string line = fmt::format("{:<{}}", row.front(), widths.front());
    for (std::size_t i = 1; i + 1 < row.size(); ++i) {
      line += fmt::format("  {:>{}}", row[i], widths[i]);
    }
    line += "  " + row.back();
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string counted(std::int64_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

const char* name_of(Severity severity) {
  return severity == Severity::warning ? "warning" : "note";
}

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json moments_json(const std::optional<Moments>& moments) {
  if (!moments) return {};
  return Json::dict({{"mean", finite(moments->mean)}, {"variance", finite(moments->variance)}});
}

Json sums_json(double mean, double spread) {
  return Json::dict({{"mean", finite(mean)}, {"spread", finite(spread)}});
}

Json weights_json(const std::optional<UnitSums>& w) {
  if (!w) return {};
  return Json::dict({{"units", w->units},
                     {"omega", sums_json(w->mean.omega, w->spread.omega)},
                     {"tau", sums_json(w->mean.tau, w->spread.tau)},
                     {"units_inside_theorem_1", w->inside}});
}

Json layer_json(const LayerReport& layer) {
  Json json = Json::dict({{"name", layer.name},
                          {"class_name", layer.class_name},
                          {"selu", layer.selu},
                          {"expected", moments_json(layer.expected)},
                          {"measured", moments_json(layer.measured)},
                          {"weights", weights_json(layer.weights)}});
  json["outside_theorem_1"] = layer.outside ? banach::to_json(*layer.outside) : Json();
  return json;
}

}  // namespace

std::string Finding::str() const { return fmt::format("{}: {}: {}", layer, what, fix); }

std::int64_t CheckReport::count(Severity severity) const {
  return std::ranges::count(findings, severity, &Finding::severity);
}

std::string CheckReport::str() const {
  std::string text = fmt::format("Self-normalization of '{}': ", model);
  if (!has_selu && findings.empty()) return text + "no layer has selu, nothing to check\n";
  text += fmt::format("{}, {}\n", counted(count(Severity::warning), "warning"),
                      counted(count(Severity::note), "note"));
  for (const Finding& finding : findings) {
    text += fmt::format("{}: {}\n", name_of(finding.severity), finding.str());
  }
  return text + "\n" + text_of(table_of(*this));
}

Json to_json(const CheckReport& report) {
  Json::List findings, layers;
  for (const Finding& finding : report.findings) {
    findings.push_back(Json::dict({{"severity", name_of(finding.severity)},
                                   {"layer", finding.layer},
                                   {"what", finding.what},
                                   {"fix", finding.fix}}));
  }
  for (const LayerReport& layer : report.layers) layers.push_back(layer_json(layer));
  return Json::dict({{"model", report.model},
                     {"has_selu", report.has_selu},
                     {"warnings", report.count(Severity::warning)},
                     {"notes", report.count(Severity::note)},
                     {"findings", std::move(findings)},
                     {"layers", std::move(layers)}});
}

}  // namespace banach::snn
