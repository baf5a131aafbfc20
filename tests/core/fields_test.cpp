#include <banach/core/fields.hpp>

#include <doctest/doctest.h>

using namespace banach;

namespace {

struct Options {
  std::int64_t units = 1;
  std::optional<double> rate = 0.5;
  std::vector<int> axes = {1};
  Shape shape{kUnknown, 3};
};

void describe(Fields& fields, Options& o) {
  fields.required("units", o.units);
  fields("rate", o.rate)("axes", o.axes)("shape", o.shape);
  fields.only("data_format", "channels_last");
}

}  // namespace

TEST_CASE("one description writes a config and reads it") {
  Options written{7, {}, {2, 3}, {kUnknown, 4}}, read;
  Fields writer;
  describe(writer, written);
  const Json& config = writer.written();
  CHECK(config == Json::dict({{"units", 7},
                              {"rate", Json()},
                              {"axes", Json::list({2, 3})},
                              {"shape", Json::list({Json(), 4})},
                              {"data_format", "channels_last"}}));
  Fields reader(config, "layer");
  describe(reader, read);
  CHECK(read.units == 7);
  CHECK_FALSE(read.rate.has_value());
  CHECK(read.axes == std::vector<int>{2, 3});
  CHECK(read.shape == Shape{kUnknown, 4});
  CHECK(reader.unknown().empty());
}

TEST_CASE("what a config lacks keeps its default, what nobody asks for is listed") {
  const Json config = Json::dict({{"units", 2}, {"new_option", true}, {"unset", Json()}});
  Options o;
  Fields reader(config, "layer");
  describe(reader, o);
  CHECK(o.rate == 0.5);
  CHECK(reader.unknown() == std::vector<std::string>{"new_option"});
}

TEST_CASE("errors name the place, the field and what was received") {
  Options o;
  const auto read = [&](Json config) {
    Fields reader(config, "dense_1");
    describe(reader, o);
  };
  CHECK_THROWS_WITH_AS(read(Json::dict()), "[dense_1] units: missing from the config",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(read(Json::dict({{"units", "many"}})),
                       "[dense_1] units: expected an integer, received a string", InvalidArgument);
  CHECK_THROWS_WITH_AS(read(Json::dict({{"units", 1}, {"data_format", "channels_first"}})),
                       "[dense_1] data_format: received \"channels_first\", only "
                       "\"channels_last\" is supported",
                       NotSupported);
  CHECK_THROWS_AS(read(Json("dense")), InvalidArgument);
}
