#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/core/suggest.hpp>
#include <banach/layers/conv2d.hpp>
#include <banach/layers/dense.hpp>
#include <banach/layers/dropout.hpp>
#include <banach/layers/input.hpp>
#include <banach/layers/pooling2d.hpp>
#include <banach/layers/reshape.hpp>
#include <benchmarks/cases.hpp>

#include <algorithm>
#include <fmt/core.h>
#include <map>
#include <nlohmann/json.hpp>

namespace banach::bench {
namespace {

using nlohmann::json;

Size2 size2(const json& value) { return {value.at(0), value.at(1)}; }

// What is said of a layer in Keras' get_config(), as far as the list uses it.
AnyLayer make_conv2d(const json& config) {
  return layers::Conv2D(
      config.at("filters"), size2(config.at("kernel_size")),
      {.activation = config.value("activation", "linear"),
       .kernel_initializer = config.value("kernel_initializer", "glorot_uniform")});
}

AnyLayer make_dense(const json& config) {
  return layers::Dense(config.at("units"), {.activation = config.value("activation", "linear"),
                                            .kernel_initializer = config.value("kernel_initializer",
                                                                               "glorot_uniform")});
}

const std::map<std::string, AnyLayer (*)(const json& config)>& layer_makers() {
  static const std::map<std::string, AnyLayer (*)(const json&)> makers{
      {"Conv2D", make_conv2d},
      {"Dense", make_dense},
      {"AlphaDropout",
       [](const json& config) -> AnyLayer { return layers::AlphaDropout(config.at("rate")); }},
      {"Flatten", [](const json&) -> AnyLayer { return layers::Flatten(); }},
      {"MaxPooling2D",
       [](const json& config) -> AnyLayer {
         return layers::MaxPooling2D(size2(config.at("pool_size")));
       }},
  };
  return makers;
}

// An item is a layer or {"repeat": n, "layers": [...]}.
void add_layers(Sequential& model, const json& items) {
  for (const json& item : items) {
    if (item.contains("repeat")) {
      for (int i = 0; i < item.at("repeat"); ++i) add_layers(model, item.at("layers"));
    } else {
      model.add(layer_makers().at(item.at("class_name"))(item.at("config")));
    }
  }
}

Shape shape_of(const json& value) {
  const auto dims = value.get<std::vector<std::int64_t>>();
  return Shape(dims);
}

Case case_of(const json& item, const json& nets) {
  const json& net = nets.at(item.at("net"));
  const Shape input_shape = shape_of(net.at("input_shape"));
  const std::string kind = item.at("kind");
  if (kind != "train" && kind != "predict") {
    throw InvalidArgument(fmt::format("expected the kind train or predict, received {}", kind));
  }
  return {.name = item.at("name"),
          .kind = kind == "train" ? Kind::train : Kind::predict,
          .input_shape = input_shape,
          .batch = item.at("batch"),
          .samples = item.value("samples", item.at("batch").get<std::int64_t>()),
          .policy = item.at("policy"),
          .optimizer = item.value("optimizer", ""),
          .make_network = [input_shape, layers = net.at("layers")] {
            Sequential model;
            model.add(layers::Input(input_shape));
            add_layers(model, layers);
            return model;
          }};
}

}  // namespace

std::vector<Case> read_cases(const std::string& text) {
  const json list = json::parse(text);
  std::vector<Case> cases;
  for (const json& item : list.at("cases")) {
    try {
      cases.push_back(case_of(item, list.at("nets")));
    } catch (const std::exception& error) {
      throw InvalidArgument(
          fmt::format("[read_cases] case {}: {}", item.value("name", "?"), error.what()));
    }
  }
  return cases;
}

const Case& find_case(const std::vector<Case>& cases, std::string_view name) {
  const auto found = std::ranges::find(cases, name, &Case::name);
  if (found == cases.end()) {
    std::vector<std::string> known;
    for (const Case& item : cases) known.push_back(item.name);
    throw InvalidArgument(fmt::format("no case is called '{}'. {}The cases: {}", name,
                                      did_you_mean(std::string(name), known), join(known)));
  }
  return *found;
}

Sequential make_model(const Case& item) {
  const DTypePolicy before = config::dtype_policy();
  config::set_dtype_policy(item.policy);
  Sequential model = item.make_network();
  config::set_dtype_policy(before);
  if (item.kind == Kind::train) {
    model.compile({.loss = losses::categorical_crossentropy,
                   .optimizer = item.optimizer,
                   .metrics = {"accuracy"}});
  }
  return model;
}

Samples make_samples(const Case& item, std::int64_t count) {
  RandomGenerator random(1);
  Samples samples{Array(Shape{count}.concat(item.input_shape)), Array({count, 10})};
  const std::int64_t width = item.input_shape.size();
  auto x = samples.x.mutable_values<float>();
  auto y = samples.y.mutable_values<float>();
  for (float& value : x) value = static_cast<float>(random.normal());
  for (std::int64_t i = 0; i < count; ++i) {
    const float score = (x[i * width] + 2) * 2.5F;
    y[i * 10 + std::clamp(static_cast<std::int64_t>(score), std::int64_t{0}, std::int64_t{9})] = 1;
  }
  return samples;
}

}  // namespace banach::bench
