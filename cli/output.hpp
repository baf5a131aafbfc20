#pragma once

#include <banach/core/json.hpp>

namespace banach::cli {

/// Where a command's result goes. With --json, one JSON object is all that stdout receives: what
/// the library prints while it works, such as progress bars, goes to stderr.
class Output {
 public:
  explicit Output(bool json);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// The object, as the command's last act. IOError when stdout does not take it.
  void print(const Json& result) const;

 private:
  int stdout_ = -1;  // what stdout was, while it is stderr
};

/// A number for JSON, which has neither infinities nor NaN: null for those.
Json finite(double value);

/// Text on stdout, at once. IOError when stdout does not take it.
void print(std::string_view text);
/// A line on stderr: "banach: " and the text.
void note(std::string_view text);

}  // namespace banach::cli
