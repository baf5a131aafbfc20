#include <banach/core/errors.hpp>
#include <banach/formats/atomic_file.hpp>
#include <banach/formats/file.hpp>

#include "../support/file_size_limit.hpp"
#include "../support/temp_dir.hpp"
#include "samples.hpp"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;

namespace {

void put(const std::string& path, std::string_view text) { std::ofstream(path) << text; }

}  // namespace

TEST_CASE("a file written is the file read") {
  const TempDir folder;
  const std::string path = folder / "data.bin";
  for (std::size_t size : {0u, 1u, 4096u, 100'000u}) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7);
    write_file_atomic(path, bytes);
    CHECK(read_file(path) == bytes);
    CHECK(folder.entries() == 1);
  }
}

TEST_CASE("read_file takes regular files only, and says so at once") {
  const TempDir folder;
  CHECK(error_of<NotFound>([&] { read_file(folder / "none"); }).find("none' does not exist") !=
        std::string::npos);
  put(folder / "file", "x");
  CHECK_THROWS_AS(read_file(folder / "file/below"), NotFound);
  CHECK_THROWS_AS(read_file(""), NotFound);
  CHECK(error_of<IOError>([&] { read_file(folder.path().string()); }).find("the folder") !=
        std::string::npos);
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_AS(read_file(folder / "pipe"), IOError);
  CHECK_THROWS_AS(read_file("/dev/zero"), IOError);
  std::filesystem::create_symlink(folder / "loop", folder / "loop");
  CHECK_THROWS_AS(read_file(folder / "loop"), IOError);
}

TEST_CASE("read_file stops at its limit") {
  const TempDir folder;
  put(folder / "four", "1234");
  CHECK(read_file(folder / "four", 4).size() == 4);
  CHECK_THROWS_AS(read_file(folder / "four", 3), IOError);
  std::filesystem::resize_file(folder / "four", std::uintmax_t{1} << 40);  // sparse
  CHECK_THROWS_AS(read_file(folder / "four"), IOError);
}

TEST_CASE("write_file_atomic replaces, follows links and keeps permissions") {
  const TempDir folder;
  put(folder / "old", "before");
  chmod((folder / "old").c_str(), 0640);
  std::filesystem::create_symlink("old", folder / "link");
  write_file_atomic(folder / "link", as_bytes("after"));
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(as_text(read_file(folder / "old")) == "after");
  struct stat status {};
  stat((folder / "old").c_str(), &status);
  CHECK((status.st_mode & 07777) == 0640);
}

TEST_CASE("write_file_atomic refuses what renaming would destroy") {
  const TempDir folder;
  CHECK_THROWS_AS(write_file_atomic(folder.path().string(), {}), IOError);
  CHECK_THROWS_AS(write_file_atomic("/dev/null", {}), IOError);
  CHECK_THROWS_AS(write_file_atomic("", {}), IOError);
  CHECK_THROWS_AS(write_file_atomic(folder / "no/folder", {}), IOError);
  put(folder / "file", "x");
  const std::string text =
      error_of<IOError>([&] { write_file_atomic(folder / "file/below", as_bytes("y")); });
  CHECK(text.find("file/below': Not a directory") != std::string::npos);
}

TEST_CASE("a write that fails leaves the old file and nothing else") {
  const TempDir folder;
  put(folder / "data", "before");
  {
    const FileSizeLimit limit(1000);
    CHECK_THROWS_AS(write_file_atomic(folder / "data", Bytes(5000)), IOError);
    CHECK_THROWS_AS(write_file_atomic(folder / "new", Bytes(5000)), IOError);
  }
  CHECK(as_text(read_file(folder / "data")) == "before");
  CHECK(folder.entries() == 1);
}

TEST_CASE("an AtomicFile that is not committed leaves nothing") {
  const TempDir folder;
  {
    AtomicFile file(folder / "data");
    file.write(as_bytes("half of the con"));
    CHECK(folder.entries() == 1);
    CHECK_FALSE(std::filesystem::exists(folder / "data"));
  }
  CHECK(folder.entries() == 0);
}

TEST_CASE("names as long as the file system allows can be written") {
  const TempDir folder;
  const std::string path = folder / std::string(255, 'n');
  write_file_atomic(path, as_bytes("x"));
  CHECK(as_text(read_file(path)) == "x");
}
