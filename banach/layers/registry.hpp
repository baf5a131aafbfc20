#pragma once

#include <banach/layers/layer.hpp>

#include <memory>
#include <span>
#include <string_view>

namespace banach {

/// One layer class: its Keras name and an example of it, which the tests build, run and
/// differentiate.
struct LayerRow {
  std::string_view class_name;
  std::shared_ptr<Layer> (*example)();
};

/// Every layer of the library.
std::span<const LayerRow> layer_registry();

}  // namespace banach
