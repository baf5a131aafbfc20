#include <doctest/doctest.h>
#include <tests/models/keras_nets.hpp>

using namespace banach;
using namespace banach::testing;

namespace {

const char* const kFile = "tutorial.npz";

// The tutorial's network without its AlphaDropout, whose masks are not Keras'.
Sequential tutorial_without_dropout() {
  using namespace layers;
  return Sequential({Conv2D(32, {3, 3}, {.activation = "selu", .input_shape = Shape{28, 28, 1}}),
                     Flatten(), Dense(256, {.activation = "selu"}),
                     Dense(10, {.activation = "softmax"})});
}

// Initial weights by formula, see tests/golden/README.md.
std::uint32_t hash(std::uint32_t tensor, std::uint32_t index) {
  std::uint32_t z = index * 0x9E3779B9U + tensor * 0x85EBCA6BU + 0x6A09E667U;
  z = (z ^ (z >> 16)) * 0x7FEB352DU;
  z = (z ^ (z >> 15)) * 0x846CA68BU;
  return z ^ (z >> 16);
}

std::vector<Array> hashed_weights(const Model& model) {
  std::vector<Array> weights;
  for (const Variable& variable : model.weights()) {
    const Shape& shape = variable.shape();
    Array& array = weights.emplace_back(shape);
    if (shape.rank() == 1) continue;
    const double width = 2 * std::sqrt(3.0 / static_cast<double>(array.size() / shape[-1]));
    std::uint32_t i = 0;
    for (float& value : array.mutable_values<float>()) {
      const double uniform = hash(static_cast<std::uint32_t>(weights.size() - 1), i++) / 0x1p32;
      value = static_cast<float>((uniform - 0.5) * width);
    }
  }
  return weights;
}

// The elements that the file keeps of a tensor.
Array sampled(const Array& weights) {
  const std::int64_t stride = weights.size() < 5000 ? 1 : 97;
  std::vector<double> values;
  for (std::int64_t i = 0; i < weights.size(); i += stride) values.push_back(weights.flat(i));
  return Array::from<double>(values, {static_cast<std::int64_t>(values.size())});
}

Array flat(const Array& array) { return array.reshape({-1}).astype(float64); }

}  // namespace

TEST_CASE("the formula of the initial weights is the golden's") {
  CHECK(hash(0, 0) == 0x7ba971df);
  CHECK(hash(2, 0) == 0x1f6d3afb);
  CHECK(hash(2, 1) == 0x102e768f);
  CHECK(hash(4, 2) == 0xb771b520);
}

TEST_CASE("20 steps of the tutorial's network on MNIST are Keras'") {
  const auto [train, test] =
      datasets::mnist::load_data({.directory = BANACH_SOURCE_DATA_DIR "/mnist"});
  const auto& [images, labels] = train;
  const Array x = images.slice(0, 1000).reshape({1000, 28, 28, 1}).astype(float32) / 255;
  const Array y = utils::to_categorical(labels.slice(0, 1000), 10);
  Sequential model = tutorial_without_dropout();
  model.compile({.loss = losses::categorical_crossentropy,
                 .optimizer = optimizers::Adam(),
                 .metrics = {"accuracy"}});
  const std::vector<Array> start = hashed_weights(model);
  model.set_weights(start);

  for (std::int64_t i = 0; i < 20; ++i) {
    const std::vector<double> got =
        model.train_on_batch(x.slice(50 * i, 50 * i + 50), y.slice(50 * i, 50 * i + 50));
    INFO("step ", i);
    check_close("loss", got[0], golden(kFile, "loss").flat(i), Tolerance::kFloat32Keras);
    check_close("accuracy", got[1], golden(kFile, "accuracy").flat(i), Tolerance::kFloat32Keras);
  }
  for (std::size_t i = 0; i < start.size(); ++i) {
    INFO("weight ", i);
    check_update(sampled(model.get_weights()[i]), sampled(start[i]),
                 flat(golden(kFile, "v" + std::to_string(i))), Tolerance::kFloat32Update);
  }
}
