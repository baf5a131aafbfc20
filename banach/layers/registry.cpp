// The list of layers. A new layer adds its row here.
#include <banach/layers/activation.hpp>
#include <banach/layers/batch_normalization.hpp>
#include <banach/layers/conv2d.hpp>
#include <banach/layers/dense.hpp>
#include <banach/layers/dropout.hpp>
#include <banach/layers/input.hpp>
#include <banach/layers/pooling2d.hpp>
#include <banach/layers/registry.hpp>
#include <banach/layers/reshape.hpp>

namespace banach {
namespace {

using namespace layers;

template <class L, auto... arguments>
std::shared_ptr<Layer> make() {
  return std::make_shared<L>(arguments...);
}

constexpr LayerRow kRows[] = {
    {"InputLayer", [] { return std::shared_ptr<Layer>(new Input({6, 6, 2})); }},
    {"Dense", [] { return std::shared_ptr<Layer>(new Dense(3, {.activation = "selu"})); }},
    {"Conv2D", [] { return std::shared_ptr<Layer>(new Conv2D(3, {3, 2}, {.padding = "same"})); }},
    {"MaxPooling2D", make<MaxPooling2D, 2>},
    {"AveragePooling2D", make<AveragePooling2D, 2>},
    {"Flatten", make<Flatten>},
    {"Reshape", [] { return std::shared_ptr<Layer>(new Reshape({-1, 4})); }},
    {"Activation", [] { return std::shared_ptr<Layer>(new layers::Activation("tanh")); }},
    {"Dropout", make<Dropout, 0.5>},
    {"AlphaDropout", make<AlphaDropout, 0.25>},
    {"BatchNormalization", make<BatchNormalization>},
};

}  // namespace

std::span<const LayerRow> layer_registry() { return kRows; }

}  // namespace banach
