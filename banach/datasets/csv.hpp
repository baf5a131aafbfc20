#pragma once

#include <banach/core/array.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Tables in CSV files (formats/csv.hpp says which), such as pandas and spreadsheets write them.
namespace banach::datasets::csv {

/// A column by its name or its position; negative positions count from the last.
using Column = std::variant<std::string, std::int64_t>;

struct Options {
  std::optional<Column> target = Column(-1);  ///< by default the last; nothing: there is none
  std::vector<Column> ignore = {};  ///< columns that are no features, such as {"id", "name"}
  char separator = ',';
  std::optional<bool> header = {};  ///< is the first row names? By default: when none is a number
  /// The classes of a target of texts in the order of their labels, such as those that the training
  /// file gave: `{.class_names = train.class_names}`. By default those in this file, sorted.
  std::vector<std::string> class_names = {};
};

/// `auto [x, y, feature_names, class_names] = datasets::csv::load_data(...)`.
struct Data {
  Array x;                                 ///< float32 (rows, features)
  Array y;                                 ///< (rows,); empty without a target
  std::vector<std::string> feature_names;  ///< the columns of x
  std::vector<std::string> class_names;    ///< of a target of texts, by label; else empty
};

/// Features and target of every row: `datasets::csv::load_data("iris.csv", {.target = "species"})`.
/// A target of texts becomes int64 labels, positions in `class_names`; one of whole numbers int64;
/// other numbers float32. InvalidArgument for a column that is not there (with the nearest name),
/// for texts among the features, for empty cells and for a class that is none of the option
/// class_names; what formats::load_csv throws for the rest.
/// Errors name file, line and column.
Data load_data(const std::string& path, const Options& options = {});

}  // namespace banach::datasets::csv
