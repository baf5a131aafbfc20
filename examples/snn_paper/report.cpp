#include <examples/snn_paper/drawing.hpp>
#include <examples/snn_paper/report.hpp>

#include <banach/core/suggest.hpp>
#include <banach/formats/file.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fmt/core.h>
#include <limits>

namespace banach::snn_paper {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Never "nothing happened yet": an experiment's lines are seconds apart.
void print(const std::string& text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

}  // namespace

std::string text(double value, int digits) { return fmt::format("{:.{}g}", value, digits); }

Expected near(double value, double tolerance) {
  return {value - tolerance, value + tolerance,
          fmt::format("{} +- {}", text(value), text(tolerance, 2))};
}

Expected between(double low, double high) {
  return {low, high, fmt::format("[{}, {}]", text(low), text(high))};
}

Expected at_least(double value) { return {value, kInfinity, ">= " + text(value)}; }
Expected at_most(double value) { return {-kInfinity, value, "<= " + text(value)}; }

Expected as_runs(double low, double high) {
  return {2 * low - high, 2 * high - low, fmt::format("runs: {} to {}", text(low), text(high))};
}

Expected as_runs_by_ratio(double low, double high) {
  return {low * low / high, high * high / low,
          fmt::format("runs: {} to {}", text(low), text(high))};
}

Report::Report(std::string name, const std::string& about) : name_(std::move(name)), about_(about) {
  print(fmt::format("\n{}: {}", name_, about));
  print(fmt::format("{:<50} {:>24} {:>22}", "", "expected", "measured"));
}

void Report::value(const std::string& what, const Expected& expected, double measured, int digits) {
  line(what, expected.text, text(measured, digits),
       expected.contains(measured) ? Verdict::holds : Verdict::misses);
}

void Report::values(const std::string& what, const Expected& expected,
                    std::span<const double> measured) {
  const bool holds =
      std::all_of(measured.begin(), measured.end(), [&](double x) { return expected.contains(x); });
  const auto [low, high] = std::minmax_element(measured.begin(), measured.end());
  line(what, expected.text, fmt::format("{} to {}", text(*low, 4), text(*high, 4)),
       holds ? Verdict::holds : Verdict::misses);
}

void Report::statement(const std::string& what, const std::string& measured, bool holds) {
  line(what, "yes", measured, holds ? Verdict::holds : Verdict::misses);
}

void Report::plain(const std::string& what, double measured, const std::string& reference) {
  line(what, reference, text(measured, 5), Verdict::none);
}

void Report::line(const std::string& what, const std::string& expected, const std::string& measured,
                  Verdict verdict) {
  constexpr const char* kTexts[] = {"as expected", "NOT as expected", ""};
  const char* said = kTexts[static_cast<int>(verdict)];
  print(fmt::format("  {:<48} {:>24} {:>22}  {}", what, expected, measured, said));
  last_missed_ = verdict == Verdict::misses;
  judged_ += verdict != Verdict::none;
  misses_ += last_missed_;
  lines_.push_back(Json::dict({{"what", what},
                               {"expected", expected},
                               {"measured", measured},
                               {"holds", verdict == Verdict::none ? Json() : !last_missed_}}));
}

void Report::because(const std::string& reason) {
  if (!last_missed_) return;
  last_missed_ = false;
  ++explained_;
  lines_.back()["reason"] = reason;
  print("    why: " + reason);
}

void Report::note(const std::string& text) { print("  " + text); }

void Report::finish() {
  print(fmt::format("  {} of {} as expected{}", judged_ - misses_, judged_,
                    explained_ > 0 ? fmt::format(", {} not, for a known reason", explained_) : ""));
}

FigureData& Report::figure(const std::string& figure, const std::vector<std::string>& columns,
                           const Axes& axes) {
  const auto found = std::find_if(figures_.begin(), figures_.end(),
                                  [&](const FigureData& data) { return data.name == figure; });
  if (found != figures_.end()) return *found;
  return figures_.emplace_back(FigureData{figure, columns, axes, {}});
}

void Report::write_figures(const std::string& folder) const {
  std::filesystem::create_directories(folder);
  for (const FigureData& data : figures_) {
    std::string csv = join(data.columns, ",") + "\n";
    for (const auto& row : data.rows) csv += join(row, ",") + "\n";
    formats::write_file_atomic(fmt::format("{}/{}_{}.csv", folder, name_, data.name),
                               formats::as_bytes(csv));
  }
}

void Report::draw_figures(const std::string& folder) const {
  std::filesystem::create_directories(folder);
  for (const FigureData& data : figures_) {
    if (data.axes.x.empty()) continue;
    draw(data, name_ + ": " + about_).save(fmt::format("{}/{}_{}.svg", folder, name_, data.name));
  }
}

Json Report::to_json() const {
  return Json::dict({{"experiment", name_},
                     {"judged", judged_},
                     {"misses", misses_},
                     {"unexplained", unexplained()},
                     {"lines", lines_}});
}

}  // namespace banach::snn_paper
