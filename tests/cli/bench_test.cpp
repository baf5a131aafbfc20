#include <banach/formats/json.hpp>
#include <tests/cli/process.hpp>

#include <doctest/doctest.h>

using namespace banach;
using banach::testing::run;

TEST_CASE("bench lists its cases, runs some, and names the nearest to one that there is not") {
  CHECK(run({"bench", "--list"}).out.find("small_8x64 ") != std::string::npos);
  CHECK(run({"bench", "small_8x64_predict", "--threads", "1"}).out.find("samples/s") !=
        std::string::npos);
  const auto unknown = run({"bench", "small_8x46"});
  CHECK(unknown.code == 65);
  CHECK(unknown.err.find("no case is called 'small_8x46'. Did you mean") != std::string::npos);
}

TEST_CASE("bench --json is one object") {
  const auto result = run({"bench", "small_8x64_predict", "small_8x64", "--json"});
  const Json json = formats::parse_json(result.out, "stdout");
  const Json::List& cases = json.at("cases").as_list();
  REQUIRE(cases.size() == 2);
  CHECK(cases[1].at("case").as_string() == "small_8x64");
  CHECK(cases[1].at("median_ms").as_double() > 0);
}
