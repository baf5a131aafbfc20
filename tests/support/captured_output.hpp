#pragma once

#include <cstdio>
#include <stdexcept>
#include <string>

#include <unistd.h>

namespace banach::testing {

/// Standard output until the end of the scope, kept instead of shown.
class CapturedOutput {
 public:
  CapturedOutput() : file_(std::tmpfile()), before_(dup(STDOUT_FILENO)) {
    if (file_ == nullptr || before_ < 0) throw std::runtime_error("cannot capture the output");
    std::fflush(stdout);
    dup2(fileno(file_), STDOUT_FILENO);
  }
  ~CapturedOutput() {
    std::fflush(stdout);
    dup2(before_, STDOUT_FILENO);
    close(before_);
    std::fclose(file_);
  }
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;

  /// What was written so far.
  std::string text() const {
    std::fflush(stdout);
    std::string result;
    char buffer[4096];
    off_t at = 0;
    for (ssize_t count; (count = pread(fileno(file_), buffer, sizeof buffer, at)) > 0; at += count)
      result.append(buffer, static_cast<std::size_t>(count));
    return result;
  }

 private:
  std::FILE* file_;
  int before_;
};

}  // namespace banach::testing
