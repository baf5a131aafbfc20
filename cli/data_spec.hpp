#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace banach::cli {

/// How data is named: SOURCE, then the part of it, then the samples, both in brackets and optional:
/// "dataset:mnist[test][0:10]", "mine.npz[:100]", "pictures/".
struct DataSpec {
  std::string text;       ///< as it was given
  std::string source;     ///< "dataset:mnist", a file or a folder
  std::string part = {};  ///< "train", "test" or "val"; empty: not said
  std::int64_t first = 0;
  std::optional<std::int64_t> last = {};  ///< the sample after the last one; nothing: to the end

  /// The data set's name behind "dataset:"; nothing for a file or folder.
  std::optional<std::string> dataset() const;
};

/// UsageError for brackets that say something else.
DataSpec parse_data_spec(const std::string& text);

/// How DATA is given, for help texts.
extern const char* const kDataHelp;

}  // namespace banach::cli
