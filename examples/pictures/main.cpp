// Every picture of the tutorial and of the guide: `pictures [FOLDER]`. Needs gnuplot.
#include <banach/banach.hpp>

#include <cmath>
#include <filesystem>
#include <fmt/core.h>

using namespace banach;
using namespace banach::layers;

namespace {

std::string folder;
void save(const plot::Figure& figure, const std::string& name) {
  figure.save(folder + "/" + name);
  fmt::print("{}/{}\n", folder, name);
}

// Two half circles, one inside the other's bend.
std::pair<Array, Array> two_moons(int samples) {
  Array x({samples, 2}), y({samples});
  RandomGenerator random(3);
  for (std::size_t i = 0; i < static_cast<std::size_t>(samples); ++i) {
    const double angle = 3.14159 * random.uniform(), side = i % 2 == 0 ? 1 : -1;
    const double at[] = {side * (std::cos(angle) - 0.5), side * (std::sin(angle) - 0.25)};
    for (std::size_t axis = 0; axis < 2; ++axis)
      x.mutable_values<float>()[2 * i + axis] =
          static_cast<float>(at[axis] + 0.12 * random.normal());
    y.mutable_values<float>()[i] = static_cast<float>(i % 2);
  }
  return {x, y};
}

// What two hidden layers can separate without an activation, and with one.
void boundary(const char* activation, const char* title, const char* name) {
  const auto [x, y] = two_moons(200);
  Sequential model({Dense(16, {.activation = activation, .input_shape = Shape{2}}),
                    Dense(16, {.activation = activation}), Dense(1, {.activation = "sigmoid"})});
  model.compile({.loss = "binary_crossentropy", .optimizer = optimizers::Adam(0.01)});
  model.fit(x, y, {.epochs = 60, .verbose = 0});
  const auto predict = [&](const Array& points) { return model.predict(points); };
  save(utils::plot_decision_boundary(predict, x, y, {.title = title}), name);
}

// The tutorial's network on some of its digits.
void digits() {
  auto [train, test] = datasets::mnist::load_data();
  const Array x = train.first.slice(0, 6000).reshape({-1, 28, 28, 1}).astype(float32) / 255;
  const Array y = utils::to_categorical(train.second.slice(0, 6000), 10);
  const char* lecun = "lecun_normal";
  Sequential model({Input({28, 28, 1}),
                    Conv2D(32, {3, 3}, {.activation = "selu", .kernel_initializer = lecun}),
                    AlphaDropout(0.25), Flatten(),
                    Dense(256, {.activation = "selu", .kernel_initializer = lecun}),
                    Dense(10, {.activation = "softmax"})});
  model.compile({.loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  auto fit = model.fit(x, y, {.batch_size = 250, .epochs = 8, .validation_split = 0.2});
  save(utils::plot_history(fit.history), "history.svg");
  save(utils::plot_model(model, {.show_shapes = true}), "model.svg");
  const Array few = test.first.slice(0, 10);
  const Array p = model.predict(few.reshape({-1, 28, 28, 1}).astype(float32) / 255);
  std::vector<std::string> titles;
  for (std::int64_t i = 0; i < few.dim(0); ++i) {
    const auto digit = static_cast<std::int64_t>(argmax(p).flat(i));
    titles.push_back(fmt::format("{} ({:.1f} %)", digit, 100 * p.at({i, digit})));
  }
  save(utils::plot_images(few, titles), "digits.png");
}

// Standard normal numbers through 32 layers.
void depth(const char* activation, const char* initializer, const char* title, const char* name) {
  Array x({500, 128});
  RandomGenerator random(4);
  for (float& value : x.mutable_values<float>()) value = static_cast<float>(random.normal());
  std::vector<std::pair<std::string, Array>> activations = {{"input", x}};
  for (int i = 1; i <= 32; ++i) {
    x = Dense(128, {.activation = activation, .kernel_initializer = initializer})(x);
    if ((i & (i - 1)) == 0) activations.emplace_back(fmt::format("layer {}", i), x);
  }
  save(utils::plot_activations(activations, {.title = title}), name);
}

}  // namespace

int main(int argc, char** argv) {
  folder = argc > 1 ? argv[1] : "pictures";
  std::filesystem::create_directories(folder);
  utils::set_random_seed(1);
  save(utils::plot_activation({{"ReLU", activations::relu}}), "relu.svg");
  save(utils::plot_activation({{"ReLU", activations::relu}, {"SELU", activations::selu}}),
       "selu.svg");
  boundary("linear", "Without activations: a straight line", "linear_boundary.svg");
  boundary("selu", "With SELU: a curve", "selu_boundary.svg");
  depth("selu", "lecun_normal", "SELU with LeCun normal weights", "selu_depth.svg");
  depth("relu", "glorot_uniform", "ReLU with Glorot uniform weights", "relu_depth.svg");
  const auto map = [](const snn::Moments& moments) { return snn::mean_variance_map(moments); };
  save(utils::plot_fixed_point(map, {.title = "Through SELU layers"}), "fixed_point.svg");
  digits();
}
