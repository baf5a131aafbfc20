// Layers and a loss of your own: they say only what they compute, forwards. Gradients, shapes,
// fused kernels and the memory plan follow from the ops they are made of. The profile shows what
// became of them.
#include <banach/banach.hpp>

#include <cmath>
#include <cstdlib>
#include <fmt/core.h>

using namespace banach;
using namespace banach::layers;

// y = x sigmoid(beta x) with one learned beta a channel ("Swish", Ramachandran et al. 2017).
class LearnedSwish final : public LayerOf<LearnedSwish> {
 public:
  using LayerOf::LayerOf;

  void build(const Shape& input_shape) override {
    add_weight(beta_, "beta", {input_shape[-1]}, initializers::Ones());
  }
  Tensor call(const Tensor& x, const CallContext&) override {
    return x * activations::sigmoid(beta_ * x);
  }

 private:
  Variable beta_;
};

// x + swish(x W + b): a layer made of layers, which it lists so that they are trained and saved.
class ResidualBlock final : public LayerOf<ResidualBlock> {
 public:
  explicit ResidualBlock(std::int64_t units) : dense_(units) {}

  Tensor call(const Tensor& x, const CallContext&) override { return x + swish_(dense_(x)); }
  std::vector<Layer*> sublayers() override { return {&dense_, &swish_}; }

 private:
  Dense dense_;
  LearnedSwish swish_;
};

// mean(sqrt(1 + (y - p)^2) - 1): a square near zero, but outliers count only by their distance.
static Tensor pseudo_huber(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::sqrt(ops::square(y_true - y_pred) + 1.0) - 1.0, {-1});
}

// sin(2x) for x in [-3, 3); every twentieth target is far off.
static std::pair<Array, Array> noisy_sine(std::int64_t samples) {
  RandomGenerator random(7);
  Array x({samples, 1}), y({samples, 1});
  for (std::int64_t i = 0; i < samples; ++i) {
    const double at = 6 * random.uniform() - 3;
    x.mutable_values<float>()[i] = static_cast<float>(at);
    y.mutable_values<float>()[i] = static_cast<float>(std::sin(2 * at) + (i % 20 == 0 ? 10 : 0));
  }
  return {x, y};
}

int main(int argc, char** argv) {
  const int epochs = argc > 1 ? std::atoi(argv[1]) : 60;
  utils::set_random_seed(3);
  const auto [x, y] = noisy_sine(2000);

  Sequential model;
  model.add(Dense(64, {.input_shape = Shape{1}}));
  model.add(LearnedSwish());
  model.add(ResidualBlock(64));
  model.add(Dense(1));
  model.compile({.loss = pseudo_huber, .optimizer = optimizers::Adam(0.003)});
  model.summary();
  model.fit(x, y, {.epochs = epochs, .verbose = 0});
  fmt::print("\n{}\n", model.profile(32).str());

  const Array points = Array::of<float>({-2, -1, 0, 1, 2}, {5, 1});
  const Array predictions = model.predict(points);
  for (int i = 0; i < points.dim(0); ++i) {
    fmt::print("sin(2 * {:2}) = {:7.4f}, predicted {:7.4f}\n", points.flat(i),
               std::sin(2 * points.flat(i)), predictions.flat(i));
  }
}
