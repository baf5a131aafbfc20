#include <banach/core/errors.hpp>
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
#include <banach/layers/rescaling.hpp>
#include <banach/layers/reshape.hpp>
#include <banach/layers/up_sampling2d.hpp>
#include <banach/layers/zero_padding2d.hpp>
#include <banach/models/snn_network.hpp>

#include <algorithm>
#include <set>
#include <typeindex>

namespace banach::snn::detail {
namespace {

using namespace layers;

struct KindRow {
  std::type_index type;
  LayerKind kind;
};

// Every layer of the registry; a class that is not here is the user's.
const std::vector<KindRow>& kind_rows() {
  static const std::vector<KindRow> rows = {
      {typeid(InputLayer), LayerKind::input},
      {typeid(Dense), LayerKind::linear},
      {typeid(Conv2D), LayerKind::linear},
      {typeid(DepthwiseConv2D), LayerKind::linear},
      {typeid(layers::Activation), LayerKind::activation},
      {typeid(AlphaDropout), LayerKind::alpha_dropout},
      {typeid(Dropout), LayerKind::dropout},
      {typeid(BatchNormalization), LayerKind::batch_normalization},
      {typeid(Flatten), LayerKind::passing},
      {typeid(Reshape), LayerKind::passing},
      {typeid(Permute), LayerKind::passing},
      {typeid(Identity), LayerKind::passing},
      {typeid(MaxPooling2D), LayerKind::passing},
      {typeid(AveragePooling2D), LayerKind::passing},
      {typeid(GlobalMaxPooling2D), LayerKind::passing},
      {typeid(GlobalAveragePooling2D), LayerKind::passing},
      {typeid(ZeroPadding2D), LayerKind::passing},
      {typeid(UpSampling2D), LayerKind::passing},
      {typeid(Concatenate), LayerKind::passing},
      {typeid(Rescaling), LayerKind::scaling},
      {typeid(Normalization), LayerKind::scaling},
      {typeid(LayerNormalization), LayerKind::other},
      {typeid(layers::ReLU), LayerKind::other},
      {typeid(layers::LeakyReLU), LayerKind::other},
      {typeid(layers::ELU), LayerKind::other},
      {typeid(layers::PReLU), LayerKind::other},
      {typeid(layers::Softmax), LayerKind::other},
      {typeid(Add), LayerKind::other},
      {typeid(Subtract), LayerKind::other},
      {typeid(Multiply), LayerKind::other},
      {typeid(Average), LayerKind::other},
      {typeid(Maximum), LayerKind::other},
      {typeid(Minimum), LayerKind::other},
  };
  return rows;
}

LayerKind kind_of(const Layer& layer) {
  const std::type_index type = typeid(layer);
  const auto row = std::ranges::find(kind_rows(), type, &KindRow::type);
  return row == kind_rows().end() ? LayerKind::own : row->kind;
}

// What was written before a function that cannot be is what there is to know.
Json config_of(Layer& layer) {
  Fields fields;
  try {
    layer.describe(fields);
  } catch (const NotSupported&) {
  }
  return fields.written();
}

std::optional<FixedPoint> selu_of(const ActivationFunction& activation) {
  if (activation.name() == "selu") return FixedPoint{};
  if (activation.name() != "Selu") return {};
  FixedPoint fixed_point;
  from_json(activation.config(), fixed_point);
  return fixed_point;
}

bool has_activation(LayerKind kind) {
  return kind == LayerKind::linear || kind == LayerKind::activation;
}

LayerNode node_of(const LayerCall& call) {
  LayerNode node{.call = call, .kind = kind_of(*call.layer)};
  if (node.kind == LayerKind::own || node.kind == LayerKind::input) return node;
  node.config = config_of(*call.layer);
  if (!has_activation(node.kind)) return node;
  if (const Json* written = node.config.find("activation")) {
    from_json(*written, node.activation.emplace());
    node.selu = selu_of(*node.activation);
  }
  return node;
}

void find_sources(Network& network, int position) {
  LayerNode& node = network.nodes[static_cast<std::size_t>(position)];
  std::set<int> sources;
  for (const CallOutput& input : node.call.inputs) {
    const std::vector<int>& through = network.node(input.call).through;
    sources.insert(through.begin(), through.end());
  }
  node.sources.assign(sources.begin(), sources.end());
  node.through = node.kind == LayerKind::passing ? node.sources : std::vector<int>{position};
}

bool is_linear(const LayerNode& node) {
  return node.activation && node.activation->name() == "linear";
}

// Back from an activation over what may lie between it and its weighted sums.
int linear_before(const Network& network, int position) {
  const LayerNode& node = network.node(position);
  if (node.sources.size() != 1) return -1;
  const LayerNode& source = network.node(node.sources.front());
  if (source.kind == LayerKind::linear) return is_linear(source) ? node.sources.front() : -1;
  const bool between = source.kind == LayerKind::dropout ||
                       source.kind == LayerKind::alpha_dropout ||
                       source.kind == LayerKind::batch_normalization ||
                       (source.kind == LayerKind::activation && is_linear(source));
  return between ? linear_before(network, node.sources.front()) : -1;
}

}  // namespace

Network network_of(const LayerCalls& calls) {
  Network network{.nodes = {}, .units = {}, .inputs = calls.inputs};
  for (const LayerCall& call : calls.calls) {
    const int position = static_cast<int>(network.nodes.size());
    network.nodes.push_back(node_of(call));
    find_sources(network, position);
    const LayerNode& node = network.nodes.back();
    if (!node.selu) continue;
    const bool own_sums = node.kind == LayerKind::linear;
    network.units.push_back({own_sums ? position : linear_before(network, position), position});
  }
  return network;
}

std::optional<Initializer> initializer_in(const Json& config, std::string_view name) {
  const Json* written = config.find(name);
  if (written == nullptr) return {};
  Initializer initializer = "zeros";
  from_json(*written, initializer);
  return initializer;
}

bool is_depthwise(const LayerNode& node) {
  return dynamic_cast<const DepthwiseConv2D*>(node.call.layer.get()) != nullptr;
}

const char* kernel_initializer_name(const LayerNode& node) {
  return is_depthwise(node) ? "depthwise_initializer" : "kernel_initializer";
}

SeluConstants constants_of(const FixedPoint& fixed_point) {
  return fixed_point == FixedPoint{} ? SeluConstants{} : layer_selu_constants(fixed_point);
}

}  // namespace banach::snn::detail
