#include <array>
#include <cstdlib>
#include <doctest/doctest.h>
#include <tests/backend/cuda/new_process.hpp>

#include <sys/wait.h>
#include <unistd.h>

namespace banach::testing {

void check_in_new_process(const std::string& test_case,
                          const std::map<std::string, std::string>& variables) {
  CAPTURE(test_case);
  const pid_t child = ::fork();
  if (child == 0) {
    for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
    std::string filter = "--test-case=" + test_case;
    std::array<char*, 5> words = {const_cast<char*>("test_cuda"), filter.data(),
                                  const_cast<char*>("--no-skip"), const_cast<char*>("--no-intro"),
                                  nullptr};
    ::execv("/proc/self/exe", words.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace banach::testing
