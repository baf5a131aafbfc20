#include <cli/built_in_models.hpp>

namespace banach::cli {
namespace {

constexpr BuiltInModel kModels[] = {
    {"mnist-selu", "the tutorial's convnet for digits: Conv2D, AlphaDropout, Dense",
     R"({"name": "mnist_selu",
         "input_shape": [28, 28, 1],
         "layers": [
           {"Conv2D": {"filters": 32, "kernel_size": 3, "activation": "selu",
                       "kernel_initializer": "lecun_normal"}},
           {"AlphaDropout": {"rate": 0.25}},
           "Flatten",
           {"Dense": {"units": 256, "activation": "selu", "kernel_initializer": "lecun_normal"}},
           {"Dense": {"units": 10, "activation": "softmax"}}],
         "loss": "categorical_crossentropy", "optimizer": "adam", "metrics": ["accuracy"]})"},
    {"mnist-mlp", "784-512-256-10 with SELU and AlphaDropout",
     R"({"name": "mnist_mlp",
         "input_shape": [28, 28, 1],
         "layers": [
           "Flatten",
           {"Dense": {"units": 512, "activation": "selu", "kernel_initializer": "lecun_normal"}},
           {"AlphaDropout": {"rate": 0.05}},
           {"Dense": {"units": 256, "activation": "selu", "kernel_initializer": "lecun_normal"}},
           {"AlphaDropout": {"rate": 0.05}},
           {"Dense": {"units": 10, "activation": "softmax"}}],
         "loss": "categorical_crossentropy", "optimizer": "adam", "metrics": ["accuracy"]})"},
};

}  // namespace

std::span<const BuiltInModel> built_in_models() { return kModels; }

}  // namespace banach::cli
