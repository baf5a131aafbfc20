#include <tests/cli/process.hpp>

#include <doctest/doctest.h>

using banach::testing::run;

TEST_CASE("an unknown command or option names the nearest, and ends with EX_USAGE") {
  const auto command = run({"bnech"});
  CHECK(command.code == 64);
  CHECK(command.out.empty());
  CHECK(command.err.find("no command 'bnech'. Did you mean 'bench'?") != std::string::npos);
  const auto option = run({"bench", "--thread", "3"});
  CHECK(option.code == 64);
  CHECK(option.err.find("'banach bench' has no option --thread. Did you mean '--threads'?") !=
        std::string::npos);
  CHECK(run({"--versio"}).err.find("'banach' has no option --versio. Did you mean '--version'?") !=
        std::string::npos);
  CHECK(run({}).code == 64);
  CHECK(run({"bench", "--threads", "many"}).code == 64);
}

TEST_CASE("help and version are no errors") {
  CHECK(run({"--help"}).code == 0);
  CHECK(run({"bench", "--help"}).out.find("Examples:") != std::string::npos);
  CHECK(run({"--version"}).out.starts_with("banach "));
}
