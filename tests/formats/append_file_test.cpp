#include <banach/core/errors.hpp>
#include <banach/formats/append_file.hpp>
#include <tests/support/file_size_limit.hpp>
#include <tests/support/temp_dir.hpp>

#include <doctest/doctest.h>

#include <sys/stat.h>

using namespace banach;
using namespace banach::formats;
using banach::testing::FileSizeLimit;
using banach::testing::TempDir;
using doctest::Contains;

namespace {

std::string text_of(const std::string& path) {
  const Bytes bytes = read_file(path);
  return std::string(as_text(bytes));
}

}  // namespace

TEST_CASE("AppendFile empties a file or keeps what it holds") {
  const TempDir dir;
  const std::string path = dir / "a";
  AppendFile(path, true).write(as_bytes("one"));
  AppendFile kept(path, true);
  CHECK_FALSE(kept.empty());
  kept.write(as_bytes("two"));
  CHECK(text_of(path) == "onetwo");
  AppendFile emptied(path, false);
  CHECK(emptied.empty());
  CHECK(text_of(path).empty());
}

TEST_CASE("AppendFile leaves nothing of a piece that does not fit") {
  const TempDir dir;
  AppendFile file(dir / "a", false);
  file.write(as_bytes("whole"));
  {
    const FileSizeLimit limit(8);
    CHECK_THROWS_WITH_AS(file.write(as_bytes("too long")), Contains("cannot write"), IOError);
  }
  CHECK(text_of(dir / "a") == "whole");
  file.write(as_bytes(" again"));
  CHECK(text_of(dir / "a") == "whole again");
}

TEST_CASE("AppendFile refuses folders and pipes at once") {
  const TempDir dir;
  CHECK_THROWS_AS(AppendFile(dir.path().string(), true), IOError);
  REQUIRE(mkfifo((dir / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_AS(AppendFile(dir / "pipe", true), IOError);
}
