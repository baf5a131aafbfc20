#include <banach/banach.hpp>
#include <doctest/doctest.h>
#include <tests/support/environment.hpp>
#include <tests/support/nets.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/support/tolerance.hpp>

#include <cmath>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

namespace {

struct Net {
  std::string name;
  Shape sample;
  std::function<Sequential()> make;
};

// The tutorial's layers, smaller.
Sequential small_tutorial() {
  const Initializer lecun = initializers::LecunNormal();
  return Sequential({Input({8, 7, 1}),
                     Conv2D(8, {3, 3}, {.activation = "selu", .kernel_initializer = lecun}),
                     AlphaDropout(0.25), Flatten(),
                     Dense(32, {.activation = "selu", .kernel_initializer = lecun}),
                     Dense(5, {.activation = "softmax"})});
}

Sequential normalized_mlp() {
  return Sequential({Input({12}), Dense(24, {.activation = "relu"}), BatchNormalization(),
                     Dropout(0.2), Dense(16, {.activation = "tanh"}), BatchNormalization(),
                     Dense(5, {.activation = "softmax"})});
}

Sequential pooled_net() {
  return Sequential(
      {Input({9, 9, 2}), Conv2D(6, 3, {.activation = "selu", .kernel_initializer = "lecun_normal"}),
       MaxPooling2D(2), AlphaDropout(0.1), Flatten(), Dense(5, {.activation = "softmax"})});
}

const std::vector<Net>& nets() {
  static const std::vector<Net> all = {{"small tutorial", {8, 7, 1}, small_tutorial},
                                       {"mlp with batch normalization", {12}, normalized_mlp},
                                       {"pooled", {9, 9, 2}, pooled_net}};
  return all;
}

constexpr std::int64_t kSamples = 20, kBatch = 8, kEpochs = 3;  // the last batch is shorter

struct Trained {
  Sequential model;
  std::vector<double> losses;  // of each epoch
  std::vector<Array> before, weights;
  std::vector<double> score;
};

Sequential compiled(const Net& net) {
  utils::set_random_seed(7);
  Sequential model = net.make();
  model.compile({.loss = losses::categorical_crossentropy,
                 .optimizer = optimizers::Adam(0.01),
                 .metrics = {"accuracy"}});
  return model;
}

void fit(Sequential& model, const Net& net, std::vector<double>* losses = nullptr) {
  const Samples samples = make_samples(kSamples, net.sample, 5);
  const History history =
      model.fit(samples.x, samples.y, {.batch_size = kBatch, .epochs = kEpochs, .verbose = 0});
  if (losses != nullptr) *losses = history.history.at("loss");
}

Trained train(const Net& net, const std::string& name) {
  const auto scope = device(name);
  Trained result{compiled(net), {}, {}, {}, {}};
  result.before = result.model.get_weights();
  fit(result.model, net, &result.losses);
  result.weights = result.model.get_weights();
  const Samples samples = make_samples(kSamples, net.sample, 5);
  result.score = result.model.evaluate(samples.x, samples.y, {.batch_size = kBatch, .verbose = 0});
  return result;
}

bool same_bits(const std::vector<Array>& a, const std::vector<Array>& b) {
  for (std::size_t i = 0; i < a.size() && a.size() == b.size(); ++i) {
    if (max_abs_difference(a[i], b[i]) != 0) return false;
  }
  return a.size() == b.size();
}

// |a - b| over |b - before|, all weights together.
double update_difference(const Trained& a, const Trained& b) {
  double difference = 0, update = 0;
  for (std::size_t i = 0; i < b.weights.size(); ++i) {
    for (std::int64_t k = 0; k < b.weights[i].size(); ++k) {
      difference += std::pow(a.weights[i].flat(k) - b.weights[i].flat(k), 2);
      update += std::pow(b.weights[i].flat(k) - b.before[i].flat(k), 2);
    }
  }
  return std::sqrt(difference / update);
}

}  // namespace

TEST_CASE("training on the GPU goes as on the CPU, from the same seed") {
  for (const Net& net : nets()) {
    CAPTURE(net.name);
    const Trained gpu = train(net, "GPU:0"), cpu = train(net, "CPU:0");
    REQUIRE(same_bits(gpu.before, cpu.before));
    REQUIRE(gpu.losses.size() == kEpochs);
    for (std::size_t i = 0; i < kEpochs; ++i) {
      CHECK(gpu.losses[i] == doctest::Approx(cpu.losses[i]).epsilon(Tolerance::kFloat32Keras));
    }
    CHECK(update_difference(gpu, cpu) <= Tolerance::kFloat32Update);
    CHECK(gpu.score[0] == doctest::Approx(cpu.score[0]).epsilon(Tolerance::kFloat32Keras));
    CHECK(gpu.score[1] == doctest::Approx(cpu.score[1]));
  }
}

TEST_CASE("a seed makes trainings on the GPU repeat bit for bit") {
  for (const Net& net : nets()) {
    CAPTURE(net.name);
    const Trained first = train(net, "GPU:0"), second = train(net, "GPU:0");
    CHECK(same_bits(first.weights, second.weights));
    CHECK(first.losses == second.losses);
    CHECK(first.score == second.score);
  }
}

TEST_CASE("kernels one after the other give the same bits as at once") {
  const Net& net = nets()[1];
  const Trained at_once = train(net, "GPU:0");
  const EnvironmentVariable serial("BANACH_CUDA_SERIAL", "1");
  CHECK(same_bits(at_once.weights, train(net, "GPU:0").weights));
}

TEST_CASE("mixed_bfloat16 trains on the GPU") {
  const DTypePolicy before = config::dtype_policy();
  config::set_dtype_policy("mixed_bfloat16");
  const Trained gpu = train(nets()[0], "GPU:0"), cpu = train(nets()[0], "CPU:0");
  config::set_dtype_policy(before);
  for (std::size_t i = 0; i < kEpochs; ++i) {
    CHECK(gpu.losses[i] == doctest::Approx(cpu.losses[i]).epsilon(Tolerance::kBfloat16));
  }
}

TEST_CASE("a model trained on the GPU is evaluated, saved and trained on elsewhere") {
  const Net& net = nets()[0];
  Trained gpu = train(net, "GPU:0");
  const Samples samples = make_samples(kSamples, net.sample, 5);
  const auto on_cpu = [&](Model& model) {
    const auto scope = device("CPU:0");
    return model.evaluate(samples.x, samples.y, {.batch_size = kBatch, .verbose = 0});
  };
  const auto score = on_cpu(gpu.model);
  CHECK(score[0] == doctest::Approx(gpu.score[0]).epsilon(Tolerance::kFloat32Keras));
  CHECK(score[1] == doctest::Approx(gpu.score[1]));

  const TempDir folder;
  saving::save_model(gpu.model, folder / "gpu.keras");
  const auto loaded = saving::load_model(folder / "gpu.keras");
  CHECK(same_bits(loaded->get_weights(), gpu.weights));
  CHECK(on_cpu(*loaded)[0] == score[0]);
}

TEST_CASE("training goes on from one device to the other, with the optimizer's state") {
  const Net& net = nets()[0];
  Sequential there = compiled(net);
  for (const char* name : {"GPU:0", "CPU:0", "GPU:0"}) {
    const auto scope = device(name);
    fit(there, net);
  }
  Sequential here = compiled(net);
  const auto scope = device("CPU:0");
  for (int i = 0; i < 3; ++i) fit(here, net);
  const auto expected = here.get_weights(), received = there.get_weights();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(norm_difference(received[i], expected[i]) <= Tolerance::kFloat32Update);
  }
}

TEST_CASE("weights that are set on the host are used on the GPU") {
  const Net& net = nets()[1];
  Trained gpu = train(net, "GPU:0");
  gpu.model.set_weights(gpu.before);
  const auto scope = device("GPU:0");
  const Samples samples = make_samples(kSamples, net.sample, 5);
  const Array y = gpu.model.predict(samples.x);
  const auto host = device("CPU:0");
  CHECK(relative_difference(y, gpu.model.predict(samples.x)) <= Tolerance::kFloat32);
}
