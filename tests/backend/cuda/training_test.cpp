#include <banach/banach.hpp>
#include <doctest/doctest.h>
#include <tests/backend/cuda/halves.hpp>
#include <tests/backend/cuda/short_fractions.hpp>
#include <tests/support/environment.hpp>
#include <tests/support/nets.hpp>
#include <tests/support/policy_guard.hpp>
#include <tests/support/temp_dir.hpp>

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

// The second convolution has channels enough for cuDNN: its product in every arithmetic, its
// gradients in all but full float32.
Sequential wide_convolutions() {
  const Initializer lecun = initializers::LecunNormal();
  return Sequential(
      {Input({6, 6, 3}),
       Conv2D(16, 3, {.padding = "same", .activation = "selu", .kernel_initializer = lecun}),
       Conv2D(72, 3, {.padding = "same", .activation = "selu", .kernel_initializer = lecun}),
       MaxPooling2D(2), Flatten(), Dense(5, {.activation = "softmax"})});
}

const Net kSmallTutorial{"small tutorial", {8, 7, 1}, small_tutorial};
const Net kNormalizedMlp{"mlp with batch normalization", {12}, normalized_mlp};
const Net kPooled{"pooled", {9, 9, 2}, pooled_net};
const Net kWideConvolutions{"wide convolutions", {6, 6, 3}, wide_convolutions};
const Net* const kNets[] = {&kSmallTutorial, &kNormalizedMlp, &kPooled, &kWideConvolutions};

// In float32, in both halves and in TF32.
template <class Body>
void in_every_arithmetic(const Body& body) {
  for (const char* policy : {"float32", "mixed_bfloat16", "mixed_float16"}) {
    CAPTURE(std::string(policy));
    const PolicyGuard guard(policy);
    body();
  }
  INFO("TF32");
  const ShortFractions tf32;
  body();
}

constexpr std::int64_t kSamples = 20, kBatch = 8, kEpochs = 3;  // the last batch is shorter

struct Trained {
  Sequential model;
  std::vector<double> losses;  // of each epoch
  std::vector<Array> before, weights;
  std::vector<double> score;
};

Sequential compiled(const Net& net, const Optimizer& optimizer = optimizers::Adam(0.01)) {
  utils::set_random_seed(7);
  Sequential model = net.make();
  model.compile(
      {.loss = losses::categorical_crossentropy, .optimizer = optimizer, .metrics = {"accuracy"}});
  return model;
}

void fit(Sequential& model, const Net& net, std::vector<double>* losses = nullptr) {
  const Samples samples = make_samples(kSamples, net.sample, 5);
  const History history =
      model.fit(samples.x, samples.y, {.batch_size = kBatch, .epochs = kEpochs, .verbose = 0});
  if (losses != nullptr) *losses = history.history.at("loss");
}

Trained train(const Net& net, const std::string& name,
              const Optimizer& optimizer = optimizers::Adam(0.01)) {
  const auto scope = device(name);
  Trained result{compiled(net, optimizer), {}, {}, {}, {}};
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
  for (const Net* net : kNets) {
    CAPTURE(net->name);
    const Trained gpu = train(*net, "GPU:0"), cpu = train(*net, "CPU:0");
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
  const auto check_repeats = [](const Net& net) {
    CAPTURE(net.name);
    const Trained first = train(net, "GPU:0"), second = train(net, "GPU:0");
    CHECK(same_bits(first.weights, second.weights));
    CHECK(first.losses == second.losses);
    CHECK(first.score == second.score);
  };
  for (const Net* net : kNets) check_repeats(*net);
  in_every_arithmetic([&] { check_repeats(kWideConvolutions); });
}

TEST_CASE("kernels one after the other give the same bits as at once") {
  for (const Net* net : {&kNormalizedMlp, &kWideConvolutions}) {
    CAPTURE(net->name);
    const auto weights = [net] {  // the first steps overflow in float16
      return train(
                 *net, "GPU:0",
                 optimizers::LossScaleOptimizer(optimizers::Adam(0.01), {.initial_scale = 0x1p24}))
          .weights;
    };
    in_every_arithmetic([&] {
      const std::vector<Array> at_once = weights();
      const EnvironmentVariable serial("BANACH_CUDA_SERIAL", "1");
      CHECK(same_bits(at_once, weights()));
    });
  }
}

TEST_CASE("mixed_bfloat16 and mixed_float16 train on the GPU") {
  const auto check_losses = [](const Net& net, const auto& make_optimizer, double tolerance) {
    CAPTURE(net.name);
    const Trained gpu = train(net, "GPU:0", make_optimizer()),
                  cpu = train(net, "CPU:0", make_optimizer());
    for (std::size_t i = 0; i < kEpochs; ++i) {
      CHECK(gpu.losses[i] == doctest::Approx(cpu.losses[i]).epsilon(tolerance));
    }
  };
  for (const auto& [half, tolerance] : kHalves) {
    CAPTURE(name_of(half));
    const PolicyGuard policy("mixed_" + std::string(name_of(half)));
    check_losses(
        kSmallTutorial, [] { return optimizers::Adam(0.01); }, tolerance);
    // Adam would make much of the roundings of its small gradients
    check_losses(
        kWideConvolutions, [] { return optimizers::SGD(0.01); }, tolerance);
  }
}

TEST_CASE("steps whose scaled gradients overflow are skipped on the GPU as on the CPU") {
  constexpr double kScale = 0x1p22;
  constexpr std::int64_t kSteps = kEpochs * ((kSamples + kBatch - 1) / kBatch);
  const PolicyGuard policy("mixed_float16");
  const auto overflowing = [](const char* name) {
    return train(kSmallTutorial, name,
                 optimizers::LossScaleOptimizer(optimizers::Adam(0.01), {.initial_scale = kScale}));
  };
  const Trained gpu = overflowing("GPU:0"), cpu = overflowing("CPU:0");
  for (const Trained* trained : {&gpu, &cpu}) {
    const Optimizer optimizer = trained->model.optimizer();
    const auto skipped = static_cast<int>(kSteps - optimizer.iterations());
    CHECK(skipped > 0);
    CHECK(skipped < kSteps);
    CHECK(optimizer.iterations() == cpu.model.optimizer().iterations());
    CHECK(optimizer.loss_scale()->dynamic_scale.value().flat(0) == std::ldexp(kScale, -skipped));
  }
  for (std::size_t i = 0; i < kEpochs; ++i) {
    CHECK(gpu.losses[i] == doctest::Approx(cpu.losses[i]).epsilon(Tolerance::kFloat16));
  }
}

TEST_CASE("a model trained on the GPU is evaluated, saved and trained on elsewhere") {
  const Net& net = kSmallTutorial;
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
  const Net& net = kSmallTutorial;
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
  const Net& net = kNormalizedMlp;
  Trained gpu = train(net, "GPU:0");
  gpu.model.set_weights(gpu.before);
  const auto scope = device("GPU:0");
  const Samples samples = make_samples(kSamples, net.sample, 5);
  const Array y = gpu.model.predict(samples.x);
  const auto host = device("CPU:0");
  CHECK(relative_difference(y, gpu.model.predict(samples.x)) <= Tolerance::kFloat32);
}
