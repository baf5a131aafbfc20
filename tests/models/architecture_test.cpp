#include <banach/banach.hpp>
#include <banach/formats/json.hpp>
#include <banach/models/architecture.hpp>

#include <doctest/doctest.h>

using namespace banach;

namespace {

std::shared_ptr<Model> model_of(const char* text) {
  return model_from_architecture(formats::parse_json(text, "text"));
}

std::string error_of(const char* text) {
  try {
    model_of(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the short form: a name, a class with its config, and repetition") {
  const auto model = model_of(R"({
    "name": "short",
    "input_shape": [4, 4, 1],
    "layers": ["Flatten",
               {"repeat": 3, "layers": [{"Dense": {"units": 8, "activation": "selu"}},
                                        {"AlphaDropout": {"rate": 0.1}}]},
               {"class_name": "Dense", "config": {"units": 2}}]})");
  CHECK(model->name() == "short");
  CHECK(model->layers().size() == 8);
  CHECK(model->input_shapes() == std::vector<Shape>{{kUnknown, 4, 4, 1}});
  CHECK(model->output_shapes() == std::vector<Shape>{{kUnknown, 2}});
  CHECK(model->get_layer(3)->class_name() == "Dense");
}

TEST_CASE("what serialize() gives, and a Sequential's config alone, make the same model") {
  const Sequential model({layers::Input({3}), layers::Dense(2, {.activation = "tanh"})});
  const Json whole = serialize(model);
  CHECK(serialize(*model_from_architecture(whole)) == whole);
  CHECK(serialize(*model_from_architecture(whole.at("config"))) == whole);
}

TEST_CASE("errors name the layer and the option") {
  CHECK(error_of(R"({"layer": []})").find("Did you mean 'layers'?") != std::string::npos);
  CHECK(error_of(R"({"input_shape": [2]})").find("layers") != std::string::npos);
  CHECK(error_of(R"({"layers": [{"Dens": {"units": 2}}]})").find("Dense") != std::string::npos);
  CHECK(error_of(R"({"layers": [{"Dense": {}}]})").find("units") != std::string::npos);
  CHECK(error_of(R"({"layers": [{"Dense": 3}]})").find("{\"Dense\": {\"units\": 10}}") !=
        std::string::npos);
  CHECK(error_of(R"({"layers": [{"repeat": -1, "layers": []}]})").find("repeat >= 0") !=
        std::string::npos);
  CHECK(error_of(R"({"layers": [{"repeat": 1000000000, "layers": ["Flatten"]}]})")
            .find("more than 100000 layers") != std::string::npos);
  CHECK(error_of(R"({"layers": [{"repeat": 1000000000, "layers": []}]})").empty());
  CHECK(error_of(R"({"class_name": "Dense", "config": {"units": 2}})").find("expected a model") !=
        std::string::npos);
}
