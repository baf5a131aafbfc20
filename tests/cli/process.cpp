#include <banach/core/errors.hpp>
#include <banach/formats/file.hpp>
#include <tests/cli/process.hpp>
#include <tests/support/file_size_limit.hpp>

#include <array>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

namespace banach::testing {
namespace {

std::string temporary_file() {
  std::string path = "/tmp/banach-process-XXXXXX";
  const int file = ::mkstemp(path.data());
  if (file < 0) throw IOError("cannot make " + path);
  ::close(file);
  return path;
}

std::string content(const std::string& path) {
  const formats::Bytes bytes = formats::read_file(path);
  return std::string(formats::as_text(bytes));
}

[[noreturn]] void become(const std::vector<std::string>& arguments, const ProcessOptions& options) {
  if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) ::_exit(127);
  for (const auto& [name, value] : options.variables) ::setenv(name.c_str(), value.c_str(), 1);
  std::optional<FileSizeLimit> limit;  // which the program inherits
  if (options.max_file_bytes > 0) limit.emplace(options.max_file_bytes);
  std::vector<char*> words{const_cast<char*>("banach")};
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  ::execv(BANACH_CLI, words.data());
  ::_exit(127);
}

int wait_for(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const ProcessOptions& options)
    : out_(temporary_file()), err_(temporary_file()) {
  pid_ = ::fork();
  if (pid_ < 0) throw IOError("cannot start a process");
  if (pid_ > 0) return;
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(::open(out_.c_str(), O_WRONLY | O_TRUNC), STDOUT_FILENO);
  ::dup2(::open(err_.c_str(), O_WRONLY | O_TRUNC), STDERR_FILENO);
  become(arguments, options);
}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::unlink(out_.c_str());
  ::unlink(err_.c_str());
}

void Process::signal(int number) const { ::kill(pid_, number); }

int Process::wait() {
  const int code = wait_for(pid_);
  pid_ = -1;
  return code;
}

std::string Process::out() const { return content(out_); }
std::string Process::err() const { return content(err_); }

Finished run(const std::vector<std::string>& arguments, const ProcessOptions& options) {
  Process process(arguments, options);
  const int code = process.wait();
  return {code, process.out(), process.err()};
}

std::optional<Finished> run_on_terminal(const std::vector<std::string>& arguments,
                                        const ProcessOptions& options) {
  int terminal = -1;
  const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (pid < 0) return {};
  if (pid == 0) become(arguments, options);
  Finished finished;
  std::array<char, 4096> buffer;
  for (ssize_t n; (n = ::read(terminal, buffer.data(), buffer.size())) > 0;) {
    finished.out.append(buffer.data(), static_cast<std::size_t>(n));
  }
  ::close(terminal);
  finished.code = wait_for(pid);
  return finished;
}

}  // namespace banach::testing
