#include <banach/formats/json.hpp>
#include <tests/cli/process.hpp>
#include <tests/support/temp_dir.hpp>

#include <doctest/doctest.h>
#include <filesystem>

using namespace banach;
using banach::testing::run;

TEST_CASE("snn lists the experiments, runs some, and names the nearest to one that there is not") {
  CHECK(run({"snn"}).out.find("e14 ") != std::string::npos);
  const auto result = run({"snn", "e3"});
  CHECK(result.code == 0);
  CHECK(result.out.find("35 of 35 as expected") != std::string::npos);
  CHECK(run({"snn", "e33"}).code == 65);
  CHECK(run({"snn", "e33"}).err.find("no experiment is called 'e33'.") != std::string::npos);
  CHECK(run({"snn", "e3", "--seeds", "0"}).code == 64);
}

TEST_CASE("snn --json is one object, --csv a folder of figures' data") {
  const testing::TempDir folder;
  const auto result = run({"snn", "e3", "e1", "--json", "--csv", folder / "figures"});
  const Json json = formats::parse_json(result.out, "stdout");
  const Json::List& list = json.at("experiments").as_list();
  REQUIRE(list.size() == 2);
  CHECK(list[0].at("experiment").as_string() == "e3");
  CHECK(list[0].at("unexplained").as_int() == 0);
  CHECK(list[0].at("lines").as_list().size() == 35);
  CHECK(std::filesystem::exists(folder / "figures/e3_trajectories.csv"));
}
