#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/models/architecture.hpp>
#include <banach/models/model_config.hpp>
#include <banach/models/sequential.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {
namespace {

// More layers than this are a mistake: "repeat" makes a large number out of a short text.
constexpr std::size_t kMaxLayers = 100'000;

void expand(const Json& items, Json::List& layers);

void expand_repeated(const Json& item, Json::List& layers) {
  const std::int64_t times = item.at("repeat").as_int();
  if (times < 0) {
    throw InvalidArgument(fmt::format("[layers] expected repeat >= 0, received {}", times));
  }
  const std::size_t first = layers.size();
  for (std::int64_t i = 0; i < times; ++i) {
    expand(item.at("layers"), layers);
    if (layers.size() == first) return;  // of nothing
  }
}

// A layer as Keras writes it, from any of the forms.
Json full_form(const Json& item) {
  if (item.is_string() || item.find("class_name")) return item;
  if (!item.is_dict() || item.as_dict().size() != 1 || !item.as_dict().front().second.is_dict()) {
    throw InvalidArgument(fmt::format(
        "[layers] expected a layer, such as \"Flatten\" or {{\"Dense\": {{\"units\": 10}}}}, "
        "received {}",
        item.str()));
  }
  const auto& [class_name, config] = item.as_dict().front();
  return Json::dict({{"class_name", class_name}, {"config", config}});
}

void expand(const Json& items, Json::List& layers) {
  for (const Json& item : items.as_list()) {
    if (layers.size() > kMaxLayers) {
      throw InvalidArgument(fmt::format("[layers] more than {} layers", kMaxLayers));
    }
    if (item.find("repeat")) {
      expand_repeated(item, layers);
    } else {
      layers.push_back(full_form(item));
    }
  }
}

Json input_layer(const Json& input_shape) {
  Json::List batch_shape{Json()};
  for (const Json& dim : input_shape.as_list()) batch_shape.push_back(dim);
  return Json::dict({{"class_name", "InputLayer"},
                     {"config", Json::dict({{"batch_shape", std::move(batch_shape)}})}});
}

void check_members(const Json& architecture) {
  static const std::vector<std::string> kKnown{
      "input_shape",       "layers", "name",      "trainable", "dtype",
      "build_input_shape", "loss",   "optimizer", "metrics",   "comment"};
  for (const auto& [name, value] : architecture.as_dict()) {
    if (std::ranges::find(kKnown, name) != kKnown.end()) continue;
    throw InvalidArgument(fmt::format("[model] it has no '{}'. {}It has: {}", name,
                                      did_you_mean(name, kKnown), join(kKnown)));
  }
}

}  // namespace

std::shared_ptr<Model> model_from_architecture(const Json& architecture) {
  if (architecture.find("class_name")) {
    auto model = std::dynamic_pointer_cast<Model>(deserialize(architecture));
    if (model != nullptr) return model;
    throw InvalidArgument("[model] expected a model, received the layer " +
                          architecture.at("class_name").str());
  }
  check_members(architecture);
  Json config = architecture;
  Json::List layers;
  if (const Json* shape = architecture.find("input_shape")) layers.push_back(input_layer(*shape));
  expand(architecture.at("layers"), layers);
  config["layers"] = std::move(layers);
  auto model = std::make_shared<Sequential>();
  model->set_config(config);
  return model;
}

}  // namespace banach
