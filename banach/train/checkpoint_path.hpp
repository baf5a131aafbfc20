#pragma once

#include <banach/models/history.hpp>

#include <optional>
#include <string>

namespace banach {

/// What stands for the fields of a path: {epoch}, {batch}, and the logs by their names.
struct PathValues {
  std::int64_t epoch = 1;
  std::optional<std::int64_t> batch = {};
  Logs logs = {};
};

/// "net_{epoch:02d}_{val_loss:.2f}.keras" with the numbers, as Python's str.format writes them;
/// {{ and }} are braces. InvalidArgument for a pattern that is none, NotFound for a name that has
/// no value.
std::string format_path(const std::string& pattern, const PathValues& values);

/// InvalidArgument unless the pattern is one, whatever values there will be.
void check_path(const std::string& pattern);

}  // namespace banach
