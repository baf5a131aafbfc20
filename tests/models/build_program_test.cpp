#include <banach/banach.hpp>
#include <banach/models/runtime.hpp>

#include <doctest/doctest.h>
#include <tests/support/nets.hpp>
#include <tests/support/tolerance.hpp>

using namespace banach;
using namespace banach::testing;

namespace {

using Net = std::function<Sequential()>;

// The weights after an epoch of 25 samples in batches of 12, the last one of a single sample.
std::vector<Array> trained(const Net& net, const Shape& sample, bool eagerly) {
  utils::set_random_seed(1);
  Sequential model = net();
  model.compile({.loss = "mse", .optimizer = optimizers::SGD(0.05), .run_eagerly = eagerly});
  const Samples samples = make_samples(25, sample, 4);
  model.fit(samples.x, samples.y, {.batch_size = 12, .verbose = 0});
  return model.get_weights();
}

void check_training(const Shape& sample, const Net& net) {
  const auto fused = trained(net, sample, false), plain = trained(net, sample, true);
  REQUIRE(fused.size() == plain.size());
  for (std::size_t i = 0; i < fused.size(); ++i) {
    CAPTURE(i);
    CHECK(relative_difference(fused[i], plain[i]) < Tolerance::kFloat32);
  }
}

layers::Dense selu(std::int64_t units) {
  return layers::Dense(units, {.activation = "selu", .kernel_initializer = "lecun_normal"});
}

}  // namespace

TEST_CASE("fused programs train as plain nodes of the reference backend do") {
  check_training({200}, [] {
    return Sequential(
        {layers::Input({200}), selu(256), layers::AlphaDropout(0.1), selu(192), layers::Dense(4)});
  });
  check_training({10}, [] {  // the gradient of 96 units comes from a product with rows of 12
    return Sequential({layers::Input({10}), selu(96), layers::Reshape({8, 12}), layers::Dense(5),
                       layers::Flatten(), layers::Dense(4)});
  });
  check_training({6, 6, 1}, [] {
    return Sequential({layers::Input({6, 6, 1}), layers::Conv2D(32, 3, {.activation = "selu"}),
                       layers::Reshape({-1, 16}), layers::Dense(3), layers::Flatten(),
                       layers::Dense(4)});
  });
  check_training({10}, [] {
    return Sequential({layers::Input({10}), selu(300), selu(1), layers::Dense(4)});
  });
}
