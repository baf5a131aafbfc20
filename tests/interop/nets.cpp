#include <banach/banach.hpp>
#include <tests/interop/nets.hpp>
#include <tests/support/policy_guard.hpp>

#include <fmt/format.h>

using namespace banach;
using namespace banach::layers;

namespace interop {
namespace {

Array random_array(const Shape& shape, std::uint64_t seed) {
  RandomGenerator random(seed);
  Array result(shape);
  for (float& value : result.mutable_values<float>()) value = static_cast<float>(random.normal());
  return result;
}

Array random_classes(std::int64_t samples, std::int64_t classes) {
  Array labels({samples}, int64);
  auto values = labels.mutable_values<std::int64_t>();
  for (std::int64_t i = 0; i < samples; ++i) values[i] = i * 7 % classes;
  return utils::to_categorical(labels, static_cast<int>(classes));
}

// The network of the tutorial on random images.
std::shared_ptr<Model> tutorial() {
  const Initializer lecun = initializers::LecunNormal();
  auto model = std::make_shared<Sequential>();
  model->add(Conv2D(
      32, 3, {.activation = "selu", .kernel_initializer = lecun, .input_shape = Shape{28, 28, 1}}));
  model->add(AlphaDropout(0.25));
  model->add(Flatten());
  model->add(Dense(256, {.activation = "selu", .kernel_initializer = lecun}));
  model->add(Dense(10, {.activation = "softmax"}));
  model->compile({.loss = losses::categorical_crossentropy,
                  .optimizer = optimizers::Adam(),
                  .metrics = {"accuracy"}});
  model->fit(random_array({64, 28, 28, 1}, 1), random_classes(64, 10),
             {.batch_size = 16, .verbose = 0});
  return model;
}

// Two inputs, two outputs, a shared layer and a nested model.
std::shared_ptr<Model> functional() {
  const Tensor image = Input({8, 8, 3}, {.name = "image"}), extra = Input({5}, {.name = "extra"});
  Sequential encoder({Input({8, 8, 3}), Conv2D(4, 3, {.padding = "same", .activation = "relu"}),
                      BatchNormalization(), MaxPooling2D(2), Flatten(), Dense(5)},
                     {.name = "encoder"});
  Dense shared(6, {.activation = "selu", .name = "shared"});
  const Tensor a = shared(encoder(image)), b = shared(extra);
  auto model = std::make_shared<Model>(
      TensorList{image, extra}, TensorList{Dense(3, {.activation = "softmax", .name = "kind"})(a),
                                           Dense(1, {.name = "size"})(b)});
  model->compile({.loss = {{"kind", "categorical_crossentropy"}, {"size", "mse"}},
                  .optimizer = optimizers::SGD(0.01, {.momentum = 0.9, .nesterov = true}),
                  .metrics = {{"kind", {"accuracy"}}, {"size", {"mae"}}},
                  .loss_weights = {{"kind", 1.0}, {"size", 0.5}}});
  model->fit({random_array({48, 8, 8, 3}, 1), random_array({48, 5}, 2)},
             {random_classes(48, 3), random_array({48, 1}, 3)}, {.batch_size = 16, .verbose = 0});
  return model;
}

// Its files hold the optimizer that compile() was given, and the state of the one with a loss
// scale. No accuracy: it takes a step where two classes are within a rounding of float16.
std::shared_ptr<Model> mixed_float16() {
  const testing::PolicyGuard policy("mixed_float16");
  auto model = std::make_shared<Sequential>();
  model->add(Conv2D(6, 3, {.activation = "relu", .input_shape = Shape{8, 8, 2}}));
  model->add(BatchNormalization());
  model->add(MaxPooling2D(2));
  model->add(Flatten());
  model->add(Dense(16, {.activation = "tanh"}));
  model->add(Dense(4, {.activation = "softmax", .dtype = "float32"}));
  model->compile({.loss = "categorical_crossentropy",
                  .optimizer = optimizers::SGD(0.05, {.momentum = 0.9}),
                  .metrics = {"mae"}});
  model->fit(random_array({48, 8, 8, 2}, 1), random_classes(48, 4),
             {.batch_size = 16, .verbose = 0});
  return model;
}

struct Net {
  const char* name;
  std::shared_ptr<Model> (*make)();
};

constexpr Net kNets[] = {
    {"tutorial", tutorial}, {"functional", functional}, {"mixed_float16", mixed_float16}};

}  // namespace

std::vector<std::string> net_names() {
  std::vector<std::string> names;
  for (const Net& net : kNets) names.emplace_back(net.name);
  return names;
}

std::shared_ptr<Model> make_trained_net(const std::string& name) {
  for (const Net& net : kNets) {
    if (name == net.name) return net.make();
  }
  throw InvalidArgument(fmt::format("unknown net '{}': see build --list", name));
}

}  // namespace interop
