// The list of layers. A new layer adds its row here.
#include <banach/layers/activation.hpp>
#include <banach/layers/batch_normalization.hpp>
#include <banach/layers/conv2d.hpp>
#include <banach/layers/dense.hpp>
#include <banach/layers/dropout.hpp>
#include <banach/layers/input.hpp>
#include <banach/layers/pooling2d.hpp>
#include <banach/layers/registry.hpp>
#include <banach/layers/rescaling.hpp>
#include <banach/layers/reshape.hpp>

namespace banach {
namespace {

using namespace layers;

template <class L, class... Arguments>
std::shared_ptr<Layer> make(Arguments&&... arguments) {
  return std::make_shared<L>(std::forward<Arguments>(arguments)...);
}

constexpr LayerRow kRows[] = {
    {"InputLayer",
     [] {
       return make<Input>(Shape{6, 6, 2});
     }},
    {"Dense", [] { return make<Dense>(3, DenseOptions{.activation = "selu"}); }},
    {"Conv2D", [] { return make<Conv2D>(3, Size2(3, 2), Conv2DOptions{.padding = "same"}); }},
    {"MaxPooling2D", [] { return make<MaxPooling2D>(2); }},
    {"AveragePooling2D", [] { return make<AveragePooling2D>(2); }},
    {"Flatten", [] { return make<Flatten>(); }},
    {"Reshape",
     [] {
       return make<Reshape>(Shape{-1, 4});
     }},
    {"Rescaling", [] { return make<Rescaling>(0.5, RescalingOptions{.offset = -1}); }},
    {"Activation", [] { return make<layers::Activation>("tanh"); }},
    {"Dropout", [] { return make<Dropout>(0.5); }},
    {"AlphaDropout", [] { return make<AlphaDropout>(0.25); }},
    {"BatchNormalization", [] { return make<BatchNormalization>(); }},
};

}  // namespace

std::span<const LayerRow> layer_registry() { return kRows; }

}  // namespace banach
