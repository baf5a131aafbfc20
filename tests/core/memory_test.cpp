#include <banach/core/array.hpp>
#include <banach/core/errors.hpp>
#include <banach/core/memory.hpp>
#include <doctest/doctest.h>
#include <tests/support/temp_dir.hpp>

#include <fstream>
#include <limits>

using namespace banach;

namespace {

// A system's files below a folder.
struct System {
  void write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = root / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  std::uint64_t available() const { return available_memory(root.path().string()); }

  testing::TempDir root;
};

}  // namespace

TEST_CASE("available memory is the machine's, swap included") {
  System system;
  CHECK(system.available() == std::numeric_limits<std::uint64_t>::max());
  system.write(
      "proc/meminfo",
      "MemTotal:   9000 kB\nMemAvailable:    4000 kB\nSwapTotal: 900 kB\nSwapFree: 500 kB\n");
  CHECK(system.available() == 4500 * 1024);
  CHECK(available_memory() > 1'000'000);
}

TEST_CASE("a control group allows less, and those above it too") {
  System system;
  system.write("proc/meminfo", "MemAvailable: 4000 kB\n");
  system.write("proc/self/cgroup", "4:memory:/old\n0::/a/b\n");
  CHECK(system.available() == 4000 * 1024);
  system.write("sys/fs/cgroup/a/b/memory.max", "max\n");
  CHECK(system.available() == 4000 * 1024);
  system.write("sys/fs/cgroup/a/memory.max", "1000000\n");
  CHECK(system.available() == 1'000'000);
  system.write("sys/fs/cgroup/a/memory.current", "400000\n");
  system.write("sys/fs/cgroup/a/memory.stat", "anon 300000\nfile 100000\n");
  CHECK(system.available() == 700'000);
  system.write("sys/fs/cgroup/a/memory.current", "2000000\n");
  CHECK(system.available() == 0);
  system.write("proc/self/cgroup", "0::/\n");
  system.write("sys/fs/cgroup/memory.max", "5000\n");
  CHECK(system.available() == 5000);
}

TEST_CASE("more memory than there is is refused in words, before any is touched") {
  CHECK_THROWS_WITH_AS(Array({std::int64_t{1} << 50}), doctest::Contains("4.5 PB are needed and "),
                       RuntimeError);
}

TEST_CASE("bytes as text") {
  CHECK(bytes_text(999) == "999 bytes");
  CHECK(bytes_text(4368) == "4.37 KB");
  CHECK(bytes_text(21'632'000) == "21.6 MB");
  CHECK(bytes_text(1'080'000'000'000) == "1.08 TB");
}
