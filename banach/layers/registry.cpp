// The list of layers. A new layer adds its row here.
#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/layers/activation.hpp>
#include <banach/layers/activations.hpp>
#include <banach/layers/batch_normalization.hpp>
#include <banach/layers/conv2d.hpp>
#include <banach/layers/dense.hpp>
#include <banach/layers/depthwise_conv2d.hpp>
#include <banach/layers/dropout.hpp>
#include <banach/layers/global_pooling2d.hpp>
#include <banach/layers/identity.hpp>
#include <banach/layers/input.hpp>
#include <banach/layers/layer_normalization.hpp>
#include <banach/layers/merge.hpp>
#include <banach/layers/normalization.hpp>
#include <banach/layers/pooling2d.hpp>
#include <banach/layers/registry.hpp>
#include <banach/layers/rescaling.hpp>
#include <banach/layers/reshape.hpp>
#include <banach/layers/up_sampling2d.hpp>
#include <banach/layers/zero_padding2d.hpp>
#include <banach/nn/serialization.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <mutex>

namespace banach {
namespace {

using namespace layers;

template <class L, class... Arguments>
std::shared_ptr<Layer> make(Arguments&&... arguments) {
  return std::make_shared<L>(std::forward<Arguments>(arguments)...);
}

constexpr LayerRow kRows[] = {
    {"InputLayer", [] { return make<InputLayer>(Shape{}); },
     [] {
       return make<InputLayer>(Shape{6, 6, 2});
     }},
    {"Dense", [] { return make<Dense>(1); },
     [] { return make<Dense>(3, DenseOptions{.activation = "selu"}); }},
    {"Conv2D", [] { return make<Conv2D>(1, 1); },
     [] { return make<Conv2D>(3, Size2(3, 2), Conv2DOptions{.padding = "same"}); }},
    {"MaxPooling2D", [] { return make<MaxPooling2D>(); }, [] { return make<MaxPooling2D>(2); }},
    {"AveragePooling2D", [] { return make<AveragePooling2D>(); },
     [] { return make<AveragePooling2D>(2); }},
    {"Flatten", [] { return make<Flatten>(); }, [] { return make<Flatten>(); }},
    {"Reshape", [] { return make<Reshape>(Shape{}); },
     [] {
       return make<Reshape>(Shape{-1, 4});
     }},
    {"Rescaling", [] { return make<Rescaling>(1.0); },
     [] { return make<Rescaling>(0.5, RescalingOptions{.offset = -1}); }},
    {"Normalization", [] { return make<Normalization>(); }, [] { return make<Normalization>(); }},
    {"Activation", [] { return make<layers::Activation>("linear"); },
     [] { return make<layers::Activation>("tanh"); }},
    {"Dropout", [] { return make<Dropout>(0.0); }, [] { return make<Dropout>(0.5); }},
    {"AlphaDropout", [] { return make<AlphaDropout>(0.0); },
     [] { return make<AlphaDropout>(0.25); }},
    {"BatchNormalization", [] { return make<BatchNormalization>(); },
     [] { return make<BatchNormalization>(); }},
    {"LayerNormalization", [] { return make<LayerNormalization>(); },
     [] { return make<LayerNormalization>(); }},
    {"DepthwiseConv2D", [] { return make<DepthwiseConv2D>(1); },
     [] { return make<DepthwiseConv2D>(3, DepthwiseConv2DOptions{.depth_multiplier = 2}); }},
    {"GlobalAveragePooling2D", [] { return make<GlobalAveragePooling2D>(); },
     [] { return make<GlobalAveragePooling2D>(); }},
    {"GlobalMaxPooling2D", [] { return make<GlobalMaxPooling2D>(); },
     [] { return make<GlobalMaxPooling2D>(GlobalPooling2DOptions{.keepdims = true}); }},
    {"ZeroPadding2D", [] { return make<ZeroPadding2D>(); },
     [] { return make<ZeroPadding2D>(Size2(1, 2)); }},
    {"UpSampling2D", [] { return make<UpSampling2D>(); },
     [] { return make<UpSampling2D>(2, UpSampling2DOptions{.interpolation = "bilinear"}); }},
    {"ReLU", [] { return make<ReLU>(); }, [] { return make<ReLU>(6); }},
    {"LeakyReLU", [] { return make<LeakyReLU>(); }, [] { return make<LeakyReLU>(0.2); }},
    {"ELU", [] { return make<ELU>(); }, [] { return make<ELU>(0.5); }},
    {"PReLU", [] { return make<PReLU>(); },
     [] {
       return make<PReLU>(PReLUOptions{.alpha_initializer = "ones", .shared_axes = {1, 2}});
     }},
    {"Softmax", [] { return make<Softmax>(); }, [] { return make<Softmax>(1); }},
    {"Permute", [] { return make<Permute>(std::vector<int>()); },
     [] {
       return make<Permute>(std::vector{3, 1, 2});
     }},
    {"Add", [] { return make<Add>(); }, [] { return make<Add>(); }, 2},
    {"Subtract", [] { return make<Subtract>(); }, [] { return make<Subtract>(); }, 2},
    {"Multiply", [] { return make<Multiply>(); }, [] { return make<Multiply>(); }, 2},
    {"Average", [] { return make<Average>(); }, [] { return make<Average>(); }, 2},
    {"Maximum", [] { return make<Maximum>(); }, [] { return make<Maximum>(); }, 2},
    {"Minimum", [] { return make<Minimum>(); }, [] { return make<Minimum>(); }, 2},
    {"Concatenate", [] { return make<Concatenate>(); }, [] { return make<Concatenate>(1); }, 2},
    {"Identity", [] { return make<Identity>(); }, [] { return make<Identity>(); }},
};

// What register_layer() was called for.
struct Registered {
  std::mutex mutex;
  std::map<std::string, std::string> packages;            // of a class
  std::map<std::string, detail::LayerFactory> factories;  // by "package>class"
};

Registered& registered() {
  static Registered value;
  return value;
}

const LayerRow* find_row(const std::string& class_name) {
  const auto row = std::ranges::find(kRows, class_name, &LayerRow::class_name);
  return row == std::end(kRows) ? nullptr : &*row;
}

detail::LayerFactory find_registered(const std::string& name) {
  std::scoped_lock lock(registered().mutex);
  const auto found = registered().factories.find(name);
  return found == registered().factories.end() ? nullptr : found->second;
}

std::string layer_name_in(const Json& config) {
  const Json* name = config.find("name");
  return name && name->is_string() ? name->as_string() : "";
}

[[noreturn]] void unknown_class(const SerializedObject& object) {
  std::vector<std::string> known;
  for (const LayerRow& row : kRows) known.emplace_back(row.class_name);
  throw NotFound(fmt::format(
      "[{}] unknown layer class '{}'. {}If it is a layer of your own, call register_layer<{}>() "
      "before loading",
      layer_name_in(object.config), object.class_name, did_you_mean(object.class_name, known),
      object.class_name));
}

std::shared_ptr<Layer> make_layer(const SerializedObject& object) {
  if (object.registered_name.empty() || object.registered_name == object.class_name) {
    if (const LayerRow* row = find_row(object.class_name)) return row->make();
  }
  const std::string& name = object.registered_name;
  if (const auto factory = find_registered(name)) return factory();
  if (const auto factory = find_registered("Custom>" + object.class_name)) return factory();
  unknown_class(object);
}

}  // namespace

std::span<const LayerRow> layer_registry() { return kRows; }

void detail::register_layer(const std::string& package, const std::string& class_name,
                            LayerFactory factory) {
  std::scoped_lock lock(registered().mutex);
  registered().packages[class_name] = package;
  registered().factories[package + ">" + class_name] = std::move(factory);
}

Json serialize_layer(const Layer& layer) {
  const std::string class_name = layer.class_name();
  if (find_row(class_name)) return serialized("keras.layers", class_name, layer.get_config());
  std::scoped_lock lock(registered().mutex);
  const auto package = registered().packages.find(class_name);
  if (package == registered().packages.end()) {
    throw NotSupported(fmt::format(
        "[{}] the class '{}' is not known to files: call register_layer<{}>() before saving",
        layer.name(), class_name, class_name));
  }
  return serialized("builtins", class_name, layer.get_config(), package->second + ">" + class_name);
}

std::shared_ptr<Layer> deserialize_layer(const Json& json) {
  const SerializedObject object = parse_serialized(json, "a layer");
  const std::shared_ptr<Layer> layer = make_layer(object);
  layer->set_config(object.config);
  return layer;
}

}  // namespace banach
