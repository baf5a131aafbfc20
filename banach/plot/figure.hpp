#pragma once

#include <banach/plot/theme.hpp>

#include <string>
#include <vector>

namespace banach::plot {

/// Numbers that a picture shows, in rows of as many as there are columns. NaN: there is none.
struct Table {
  std::string name;  ///< of letters, '_' and digits behind them; gnuplot calls it "$name"
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows = {};
  std::size_t block = 0;  ///< rows between two blank lines, which make a surface; 0: no blank lines
};

/// A picture: numbers, and the commands by which gnuplot draws them. The functions plot_... make
/// such figures, and commands can be added: `figure.command("set xrange [0:10]")` before the plot
/// of your own.
class Figure {
 public:
  explicit Figure(const Size& size = {}) : size_(size) {}

  /// InvalidArgument when rows and columns differ, and for a name that is none or taken.
  void add(Table table);
  void command(std::string line) { commands_.push_back(std::move(line)); }

  /// The theme, the numbers, the commands.
  std::string script(Format format = Format::svg) const;
  const std::vector<Table>& tables() const { return tables_; }

  /// Draws into a file, in one step (formats::write_file_atomic): ".svg" or ".png". ".csv" is the
  /// numbers, without gnuplot: one table in "name.csv", several each in "name.TABLE.csv".
  ///
  /// NotSupported, naming the package, when gnuplot is not installed; then the numbers are left as
  /// CSV beside where the picture would be. NotSupported for the numbers of a figure that has none,
  /// InvalidArgument for another suffix, RuntimeError when gnuplot fails, IOError.
  void save(const std::string& path) const;

 private:
  std::vector<std::string> save_numbers(const std::string& stem) const;

  Size size_;
  std::vector<Table> tables_;
  std::vector<std::string> commands_;
};

/// A table as CSV, with a header.
std::string to_csv(const Table& table);

}  // namespace banach::plot
