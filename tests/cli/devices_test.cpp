#include <banach/backend/devices.hpp>
#include <banach/formats/json.hpp>
#include <tests/cli/process.hpp>

#include <doctest/doctest.h>

using namespace banach;
using banach::testing::run;

TEST_CASE("devices shows the CPU, what it computes with, and why there is no GPU") {
  const auto result = run({"devices"});
  CHECK(result.code == 0);
  CHECK(result.out.starts_with("/device:CPU:0\n"));
  CHECK(result.out.find(config::cpu_features().simd) != std::string::npos);
  CHECK(result.out.find("no GPU: ") != std::string::npos);
}

TEST_CASE("devices --json has the same") {
  const Json json = formats::parse_json(run({"devices", "--json"}).out, "stdout");
  CHECK(json.at("physical").as_list().at(0).at("name").as_string() == "/physical_device:CPU:0");
  CHECK(json.at("cpu").at("threads").as_int() >= 1);
  CHECK(json.at("cpu").at("simd").as_string() == config::cpu_features().simd);
  CHECK(json.at("cpu").at("bfloat16").as_string() == config::cpu_features().bfloat16);
}
