#include <banach/core/errors.hpp>
#include <banach/core/json.hpp>

#include <doctest/doctest.h>

using namespace banach;

TEST_CASE("a dict keeps its members in order") {
  Json config;
  config["units"] = 64;
  config["activation"] = "selu";
  config["units"] = 32;
  REQUIRE(config.as_dict().size() == 2);
  CHECK(config.as_dict()[0].first == "units");
  CHECK(config.at("units").as_int() == 32);
  CHECK(config.find("rate") == nullptr);
  CHECK(config == Json::dict({{"units", 32}, {"activation", "selu"}}));
}

TEST_CASE("numbers without a fraction are integers, others are not") {
  CHECK(Json(3.0).as_int() == 3);
  CHECK(Json(3).as_double() == 3.0);
  CHECK_THROWS_WITH_AS(Json(3.5).as_int(), "expected an integer, received a number",
                       InvalidArgument);
}

TEST_CASE("the wrong kind and a missing member are named") {
  const Json text("selu");
  CHECK_THROWS_WITH_AS(text.as_list(), "expected a list, received a string", InvalidArgument);
  CHECK_THROWS_WITH_AS(Json::dict().at("units"), "expected a member 'units'", InvalidArgument);
  Json list;
  list.push_back(1);
  CHECK_THROWS_AS(list["units"], InvalidArgument);
}
