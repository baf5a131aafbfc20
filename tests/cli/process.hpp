#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace banach::testing {

struct ProcessOptions {
  std::string folder = {};                            ///< to run in; empty: this process's
  std::map<std::string, std::string> variables = {};  ///< further environment variables
  std::uint64_t max_file_bytes = 0;  ///< writes beyond fail, as on a full disk; 0: no limit
};

/// The command-line tool, running. Its output goes to files.
class Process {
 public:
  explicit Process(const std::vector<std::string>& arguments, const ProcessOptions& options = {});
  ~Process();  ///< kills it
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const;
  /// Its exit status, or 128 and the number of the signal that ended it.
  int wait();
  std::string out() const;  ///< what it has written to stdout so far
  std::string err() const;

 private:
  pid_t pid_ = -1;
  std::string out_, err_;  // paths
};

struct Finished {
  int code = 0;
  std::string out, err;
};
/// `banach ARGUMENTS...` to its end.
Finished run(const std::vector<std::string>& arguments, const ProcessOptions& options = {});

/// The same with stdout and stderr on a terminal, whose text is `out`. Nothing where the system has
/// no pseudo-terminals, as in a chroot without /dev/pts.
std::optional<Finished> run_on_terminal(const std::vector<std::string>& arguments,
                                        const ProcessOptions& options = {});

}  // namespace banach::testing
