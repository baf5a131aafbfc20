#pragma once

#include <banach/layers/layer.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace banach {

/// One layer class: its Keras name, a new one whose options are the defaults, for a config to fill,
/// and an example of it, which the tests build, run and differentiate.
struct LayerRow {
  std::string_view class_name;
  std::shared_ptr<Layer> (*make)();
  std::shared_ptr<Layer> (*example)();
  int inputs = 1;  ///< how many the example takes
};

/// Every layer of the library.
std::span<const LayerRow> layer_registry();

namespace detail {
using LayerFactory = std::function<std::shared_ptr<Layer>()>;
void register_layer(const std::string& package, const std::string& class_name,
                    LayerFactory factory);
}  // namespace detail

/// Lets models with layers of your own be saved and loaded: `register_layer<LearnedSwish>()`. The
/// class has a constructor without arguments, and lists its options in describe(). Keras:
/// saving.register_keras_serializable.
template <class L>
void register_layer(const std::string& package = "Custom") {
  detail::register_layer(package, detail::class_name_of(typeid(L)),
                         [] { return std::make_shared<L>(); });
}

/// What Keras writes for a layer: module, class, config. NotSupported for a class of your own that
/// is not registered.
Json serialize_layer(const Layer& layer);
/// A new layer from that, unbuilt. NotFound, naming class and layer, for an unknown class.
std::shared_ptr<Layer> deserialize_layer(const Json& serialized);

}  // namespace banach
