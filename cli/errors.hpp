#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace banach::cli {

/// A command line that cannot be carried out: an unknown name, options that do not go together.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Ends a command that has said what it had to say with a code of its own.
struct Exit {
  int code;
};

/// What the process ends with, from sysexits.h; docs/cli.md lists them.
int exit_code(const std::exception& error);

/// For options: what is wrong with a text that is no number above 0; empty when it is one.
std::string check_positive(const std::string& text);

}  // namespace banach::cli
