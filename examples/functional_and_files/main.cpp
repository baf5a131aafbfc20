// A functional model with two inputs and two outputs, saved in Keras' own format, loaded again and
// trained further. Keras loads the file as well: keras.models.load_model("houses.keras").
#include <banach/banach.hpp>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fmt/core.h>

using namespace banach;
using namespace banach::layers;

namespace {

struct Houses {
  Array plan, facts;   // (n, 12, 12, 1), (n, 4)
  Array price, style;  // (n, 1), (n, 3)
};

// Houses whose price follows from their facts and whose style from how dark their plan is.
Houses make_houses(std::int64_t n) {
  RandomGenerator random(1);
  Houses houses{Array({n, 12, 12, 1}), Array({n, 4}), Array({n, 1}), Array({n, 3})};
  auto plan = houses.plan.mutable_values<float>(), facts = houses.facts.mutable_values<float>();
  auto price = houses.price.mutable_values<float>(), style = houses.style.mutable_values<float>();
  for (std::int64_t i = 0; i < n; ++i) {
    for (int j = 0; j < 4; ++j) facts[i * 4 + j] = static_cast<float>(random.normal());
    price[i] = std::tanh(facts[i * 4] + 0.5F * facts[i * 4 + 1]);
    const std::int64_t kind = i % 3;
    style[i * 3 + kind] = 1;
    for (int j = 0; j < 144; ++j) {
      plan[i * 144 + j] = static_cast<float>(random.normal() + static_cast<double>(kind));
    }
  }
  return houses;
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t epochs = argc > 1 ? std::atoi(argv[1]) : 5;
  const Houses houses = make_houses(600);

  const Tensor plan = Input({12, 12, 1}, {.name = "plan"});
  const Tensor facts = Input({4}, {.name = "facts"});
  Tensor x = Conv2D(8, 3, {.padding = "same", .activation = "relu"})(plan);
  x = Add()({x, Conv2D(8, 3, {.padding = "same", .activation = "relu"})(x)});  // a skip connection
  x = Concatenate()({GlobalAveragePooling2D()(x), Dense(8, {.activation = "relu"})(facts)});
  const Tensor price = Dense(1, {.name = "price"})(x);
  const Tensor style = Dense(3, {.activation = "softmax", .name = "style"})(x);

  Model model({plan, facts}, {price, style}, {.name = "houses"});
  model.compile({.loss = {{"price", "mse"}, {"style", "categorical_crossentropy"}},
                 .optimizer = optimizers::AdamW(0.01),
                 .metrics = {{"style", {"accuracy"}}},
                 .loss_weights = {{"price", 0.5}}});
  model.summary();
  model.fit({houses.plan, houses.facts}, {houses.price, houses.style}, {.epochs = epochs});

  const std::string path = (std::filesystem::temp_directory_path() / "houses.keras").string();
  model.save(path);

  // Architecture, weights, compile() and the optimizer's state: training goes on where it was.
  const auto loaded = models::load_model(path);
  loaded->fit({{"plan", houses.plan}, {"facts", houses.facts}},
              {{"price", houses.price}, {"style", houses.style}}, {.epochs = epochs});
  const auto scores =
      loaded->evaluate({houses.plan, houses.facts}, {houses.price, houses.style}, {.verbose = 0});
  for (std::size_t i = 0; i < scores.size(); ++i) {
    fmt::print("{}: {:.4f}\n", loaded->metrics_names()[i], scores[i]);
  }

  // A part of a model is a model: what its last layers see, from the same weights.
  const Model features(loaded->inputs(), loaded->layer_output("concatenate"));
  fmt::print("features: {}\n", features.predict({houses.plan, houses.facts}).shape().str());
  std::filesystem::remove(path);
}
