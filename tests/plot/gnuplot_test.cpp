#include <banach/core/errors.hpp>
#include <banach/plot/gnuplot.hpp>
#include <tests/support/environment.hpp>
#include <tests/support/picture.hpp>
#include <tests/support/temp_dir.hpp>

#include <doctest/doctest.h>
#include <fstream>

using namespace banach;
using testing::EnvironmentVariable;

TEST_CASE("what gnuplot writes comes back, however long") {
  if (!testing::has_gnuplot()) return;
  const auto bytes = plot::run_gnuplot("set print '-'\ndo for [i=1:50000] { print i }\n");
  REQUIRE(bytes);
  CHECK(formats::as_text(*bytes).ends_with("\n49999\n50000\n"));
}

TEST_CASE("without gnuplot there is nothing") {
  for (const char* folders : {"", "/no/folder"}) {
    const EnvironmentVariable path("PATH", folders);
    CHECK_FALSE(plot::run_gnuplot("print 1\n"));
  }
}

TEST_CASE("a script that fails, and one that draws nothing, are errors") {
  if (!testing::has_gnuplot()) return;
  CHECK_THROWS_WITH_AS(plot::run_gnuplot("nonsense\n"), doctest::Contains("invalid command"),
                       RuntimeError);
  CHECK_THROWS_AS(plot::run_gnuplot("x = 1\n"), RuntimeError);
}

TEST_CASE("the user's settings do not matter") {
  if (!testing::has_gnuplot()) return;
  const testing::TempDir home;
  std::ofstream(home / ".gnuplot") << "nonsense\n";
  const EnvironmentVariable variable("HOME", home.path().string());
  CHECK(plot::run_gnuplot("set print '-'\nprint 1\n"));
}
