#pragma once

#include <banach/core/json.hpp>

#include <span>
#include <string>
#include <vector>

namespace banach::snn_paper {

/// What a number should be: the interval, and how a table says it.
struct Expected {
  double low, high;
  std::string text;
  bool contains(double x) const { return low <= x && x <= high; }  ///< false for NaN
};
Expected near(double value, double tolerance);
Expected between(double low, double high);
Expected at_least(double value);
Expected at_most(double value);
/// What independent runs of somebody's gave: ours hold within as much again on either side, about
/// three deviations when there were four runs.
Expected as_runs(double low, double high);
/// The same for numbers that spread over powers of ten.
Expected as_runs_by_ratio(double low, double high);

/// Which of a figure's columns are what in its picture.
struct Axes {
  std::string x = {};                ///< none: there is no picture, the numbers are enough
  std::vector<std::string> y = {};   ///< a curve each
  std::vector<std::string> by = {};  ///< a curve for each of their values
  std::string repeat = {};           ///< the number of a draw or seed: another curve of one colour
  bool log = false;
};

/// Numbers that a picture is drawn from: a CSV file.
struct FigureData {
  std::string name;
  std::vector<std::string> columns;
  Axes axes;
  std::vector<std::vector<std::string>> rows;
};

/// What an experiment found: a table, printed line by line as it comes, of what was expected, what
/// was measured, and whether the one lies in the other.
class Report {
 public:
  /// Prints the table's head. `name` is the experiment's.
  Report(std::string name, const std::string& about);

  /// A number, shown with `digits` digits.
  void value(const std::string& what, const Expected& expected, double measured, int digits = 5);
  /// Numbers of several runs, all of which should be there.
  void values(const std::string& what, const Expected& expected, std::span<const double> measured);
  /// Something other than a number in an interval.
  void statement(const std::string& what, const std::string& measured, bool holds);
  /// A number that nothing was expected of, or only an earlier run's `reference`.
  void plain(const std::string& what, double measured, const std::string& reference = "");
  /// Why the last line does not hold, where that is known. Printed only if it does not; a miss with
  /// a reason is a finding, one without is a failure.
  void because(const std::string& reason);
  /// A line of text.
  void note(const std::string& text);
  /// Prints how many lines hold.
  void finish();

  /// The figure's data of this name, begun with these columns when it is not there.
  FigureData& figure(const std::string& figure, const std::vector<std::string>& columns,
                     const Axes& axes = {});
  /// Writes `<folder>/<experiment>_<figure>.csv`, the folder first. IOError.
  void write_figures(const std::string& folder) const;
  /// Draws `<folder>/<experiment>_<figure>.svg`, the folder first. NotSupported without gnuplot.
  void draw_figures(const std::string& folder) const;

  int judged() const { return judged_; }  ///< lines that hold or do not
  int misses() const { return misses_; }  ///< lines that do not
  int unexplained() const { return misses_ - explained_; }
  Json to_json() const;

 private:
  enum class Verdict { holds, misses, none };
  void line(const std::string& what, const std::string& expected, const std::string& measured,
            Verdict verdict);

  std::string name_, about_;
  Json::List lines_;
  std::vector<FigureData> figures_;
  int judged_ = 0, misses_ = 0, explained_ = 0;
  bool last_missed_ = false;
};

/// A number in a table or a CSV file.
std::string text(double value, int digits = 6);

}  // namespace banach::snn_paper
