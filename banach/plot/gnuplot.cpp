#include <banach/core/errors.hpp>
#include <banach/formats/posix.hpp>
#include <banach/plot/gnuplot.hpp>

#include <cstdio>
#include <fmt/format.h>
#include <memory>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace banach::plot {
namespace {

constexpr std::string_view kWhere = "gnuplot";

// A file without a name. Pipes in both directions could wait for each other.
class Scratch {
 public:
  Scratch() : file_(std::tmpfile(), std::fclose) {
    if (file_ == nullptr) formats::throw_system_error(kWhere, "create", "a temporary file", errno);
    ::fcntl(descriptor(), F_SETFD, FD_CLOEXEC);
  }

  int descriptor() const { return ::fileno(file_.get()); }

  void write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() ||
        std::fflush(file_.get()) != 0) {
      formats::throw_system_error(kWhere, "write", "a temporary file", errno);
    }
    ::lseek(descriptor(), 0, SEEK_SET);
  }

  formats::Bytes content() const {
    const off_t size = ::lseek(descriptor(), 0, SEEK_END);
    formats::Bytes bytes(static_cast<std::size_t>(size));
    const auto count =
        formats::retry([&] { return ::pread(descriptor(), bytes.data(), bytes.size(), 0); });
    if (count != size) formats::throw_system_error(kWhere, "read", "a temporary file", errno);
    return bytes;
  }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

// The process, or nothing when there is no such program.
std::optional<pid_t> start(const Scratch& in, const Scratch& out, const Scratch& err) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.descriptor(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out.descriptor(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err.descriptor(), STDERR_FILENO);
  char name[] = "gnuplot", no_settings[] = "--default-settings", from_stdin[] = "-";
  char* const words[] = {name, no_settings, from_stdin, nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, name, &actions, nullptr, words, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT || error == ENOTDIR) return {};
  if (error != 0) formats::throw_system_error(kWhere, "run", name, error);
  return pid;
}

}  // namespace

std::optional<formats::Bytes> run_gnuplot(const std::string& script) {
  Scratch in, out, err;
  in.write(script);
  const std::optional<pid_t> pid = start(in, out, err);
  if (!pid) return {};
  int status = 0;
  formats::retry([&] { return ::waitpid(*pid, &status, 0); });
  formats::Bytes picture = out.content();
  if (status == 0 && !picture.empty()) return picture;
  const formats::Bytes message = err.content();
  throw RuntimeError(fmt::format("[{}] it drew nothing and ended with {}: {}", kWhere,
                                 WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                                                     : fmt::format("code {}", WEXITSTATUS(status)),
                                 formats::as_text(message)));
}

}  // namespace banach::plot
