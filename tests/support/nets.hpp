#pragma once

#include <banach/banach.hpp>

#include <algorithm>

namespace banach::testing {

/// The tutorial's network, untrained; AlphaDropout with this rate.
inline Sequential tutorial_net(double rate = 0.25) {
  using namespace layers;
  const Initializer lecun = initializers::LecunNormal();
  Sequential model;
  model.add(
      Conv2D(32, {3, 3},
             {.activation = "selu", .kernel_initializer = lecun, .input_shape = Shape{28, 28, 1}}));
  model.add(AlphaDropout(rate));
  model.add(Flatten());
  model.add(Dense(256, {.activation = "selu", .kernel_initializer = lecun}));
  model.add(Dense(10, {.activation = "softmax"}));
  return model;
}

struct Samples {
  Array x, y;
};

/// N(0, 1) features and one-hot classes that follow from the first of them.
inline Samples make_samples(std::int64_t count, const Shape& sample, std::int64_t classes,
                            std::uint64_t seed = 1) {
  RandomGenerator random(seed);
  Samples samples{Array(Shape{count}.concat(sample)), Array({count, classes})};
  auto x = samples.x.mutable_values<float>();
  auto y = samples.y.mutable_values<float>();
  const std::int64_t width = sample.size();
  for (float& value : x) value = static_cast<float>(random.normal());
  for (std::int64_t i = 0; i < count; ++i) {
    const double score = x[i * width] + x[i * width + 1];
    const auto label = static_cast<std::int64_t>((score + 3) / 6 * static_cast<double>(classes));
    y[i * classes + std::clamp<std::int64_t>(label, 0, classes - 1)] = 1;
  }
  return samples;
}

}  // namespace banach::testing
