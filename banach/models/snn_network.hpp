#pragma once

#include <banach/core/json.hpp>
#include <banach/models/layer_calls.hpp>
#include <banach/nn/activations.hpp>
#include <banach/nn/initializers.hpp>
#include <banach/snn/selu.hpp>

#include <optional>
#include <string>
#include <vector>

/// What self-normalization has to know of a model: which layers are SELU's and what feeds them.
namespace banach::snn::detail {

/// What a layer is to values' mean and variance.
enum class LayerKind {
  input,
  linear,      ///< a weighted sum, then perhaps an activation
  activation,  ///< a function of each value
  alpha_dropout,
  dropout,
  batch_normalization,
  passing,  ///< the values it gives are, or are picked from, those it gets
  scaling,  ///< a line for each feature, in front of the network
  other,    ///< another layer of banach
  own       ///< a class of the user's, of which nothing is known
};

/// A call of a layer. `config` is what its options say, as far as it can be written: a function of
/// your own is left out.
struct LayerNode {
  LayerCall call;
  LayerKind kind = LayerKind::own;
  Json config = {};
  std::optional<ActivationFunction> activation = {};  ///< linear and activation; none: your own
  std::optional<FixedPoint> selu = {};                ///< what its SELU keeps, if it ends in one
  std::vector<int> sources = {};  ///< the nodes that feed it, seen through `passing` ones
  std::vector<int> through = {};  ///< what stands for it as a source: itself, or its sources
};

/// A SELU and the layer whose weighted sums it gets; -1 when that is not known.
struct SeluUnit {
  int linear = -1;
  int activation = -1;
};

struct Network {
  std::vector<LayerNode> nodes;
  std::vector<SeluUnit> units;
  std::vector<int> inputs;

  const LayerNode& node(int position) const { return nodes[static_cast<std::size_t>(position)]; }
};

Network network_of(const LayerCalls& calls);

/// The initializer that a config names; none when it is a function of your own.
std::optional<Initializer> initializer_in(const Json& config, std::string_view name);
/// "kernel_initializer", or what it is called in this layer.
const char* kernel_initializer_name(const LayerNode& node);
bool is_depthwise(const LayerNode& node);

/// SELU's constants for what it keeps.
SeluConstants constants_of(const FixedPoint& fixed_point);

}  // namespace banach::snn::detail
