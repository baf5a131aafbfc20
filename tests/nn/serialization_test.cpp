#include <banach/core/errors.hpp>
#include <banach/nn/serialization.hpp>

#include <doctest/doctest.h>

using namespace banach;

TEST_CASE("what is serialized is parsed again") {
  const Json config = Json::dict({{"seed", 3}});
  const SerializedObject object =
      parse_serialized(serialized("keras.initializers", "LecunNormal", config), "an initializer");
  CHECK(object.class_name == "LecunNormal");
  CHECK(object.config == config);
  CHECK(object.registered_name.empty());
}

TEST_CASE("a bare name and Keras' form of a function are objects too") {
  CHECK(parse_serialized("selu", "an activation").class_name == "selu");
  const Json function = serialized("builtins", "function", "mean_squared_error", "function");
  CHECK(parse_serialized(function, "a loss").class_name == "mean_squared_error");
  CHECK_THROWS_WITH_AS(parse_serialized(3, "a loss"),
                       "expected a loss: a name or a dict with class_name, received 3",
                       InvalidArgument);
}
