// The floor: the cases of cases.json with the same arithmetic, fused by hand from bare oneDNN
// primitives and plain loops. Nothing here is general; what banach needs above it is the engine's.
// Prints one JSON line for each case that is named as an argument or, without arguments, on
// standard input.
//
// All nets work alike. A thread takes its share of the batch through the net and back without
// waiting for the other; then the threads share the weights, and update each part while its
// gradient is in the cache. Images lie in blocks of 16 channels.
#include <benchmarks/floor/dense_net.hpp>
#include <benchmarks/measure.hpp>

#include <algorithm>
#include <fmt/core.h>
#include <functional>
#include <iostream>
#include <map>
#include <numeric>
#include <random>

using namespace banach::bench;

namespace {

// Noise, and classes that follow from it.
struct Samples {
  Samples(std::int64_t count, std::int64_t features) : x(count * features), labels(count) {
    std::minstd_rand random;
    std::normal_distribution<float> normal;
    for (std::int64_t i = 0; i < count * features; ++i) x[i] = normal(random);
    for (std::int64_t i = 0; i < count; ++i) {
      labels[i] = std::clamp(static_cast<int>((x[i * features] + 2) * 2.5F), 0, 9);
    }
  }
  Memory<> x;
  Memory<std::int32_t> labels;
};

// What every net has: its samples, its dense layers and the number of the step.
template <class E>
struct Net {
  Net(const DenseShape& shape, std::int64_t features, std::int64_t num_other_weights)
      : samples(shape.batch, features),
        parameters(shape.num_weights() + num_other_weights),
        dense(shape, parameters),
        batch(shape.batch),
        threads(shape.threads) {}

  Samples samples;
  Parameters<E> parameters;
  DenseNet<E> dense;
  std::int64_t batch;
  int threads;
  std::uint32_t step = 0;
  std::vector<Score> scores = std::vector<Score>(64);  // of each thread
};

struct Mlp : Net<float> {
  explicit Mlp(const DenseShape& shape) : Net(shape, shape.sizes[0], 0) {}

  void run() {
    parameters.next_step();
    ++step;
#pragma omp parallel num_threads(threads)
    {
      const int thread = omp_get_thread_num();
      scores[thread] = dense.forward_and_back(thread, samples.x, samples.labels, step);
#pragma omp barrier
      dense.update(thread, samples.x);
    }
  }
};

// The first convolution of a net: 32 filters of 3x3 on one channel, as two blocks of 16.
struct FirstConvolution {
  template <class E>
  FirstConvolution(Parameters<E>& parameters, int threads)
      : weights(parameters.add(kSize, 1 / 3.0)) {
    for (int thread = 0; thread < threads; ++thread) gradients.emplace_back(kSize);
    std::fill_n(parameters.master(weights) + 2 * 9 * kLanes, 2 * kLanes, 0.0F);
  }

  // z (2, 26, 26, 16) of one sample.
  template <class E>
  void forward(E* z, const float* x, const float* w, const Dropout& dropout, std::int64_t sample,
               std::uint32_t step) const {
    for (std::int64_t block = 0; block < 2; ++block) {
      convolve_image(z + block * kPixels * kLanes, x, w + block * 9 * kLanes,
                     w + (18 + block) * kLanes, dropout, (sample * 2 + block) * kPixels * kLanes,
                     step);
    }
  }

  // What part [first, first + count) of z's 2 * 26 rows adds to the thread's gradient.
  template <class E>
  void backward(int thread, const E* dz, const E* z, const float* x, std::int64_t first,
                std::int64_t count, const Dropout& dropout) const {
    const std::int64_t block = first / kOut, row = first % kOut;
    float* gradient = gradients[thread];
    convolve_image_gradient(gradient + block * 9 * kLanes, gradient + (18 + block) * kLanes, dz, z,
                            x + row * kSide, count, dropout);
  }

  // When all threads are back.
  template <class E>
  void update(Parameters<E>& parameters) {
    for (std::size_t thread = 1; thread < gradients.size(); ++thread) {
      for (std::int64_t i = 0; i < kSize; ++i) gradients[0][i] += gradients[thread][i];
    }
    parameters.update(weights, kSize, gradients[0]);
    for (const Memory<>& gradient : gradients) std::fill_n(gradient + 0, kSize, 0.0F);
  }

  static constexpr std::int64_t kSize = (18 + 2) * kLanes;
  std::int64_t weights;  // (2, 9, 16), then the bias (2, 16)
  std::vector<Memory<>> gradients;
};

// Conv2D 32, AlphaDropout .25, Dense 256, Dense 10.
template <class E>
struct TutorialNet : Net<E> {
  static constexpr std::int64_t kFeatures = 2 * kPixels * kLanes, kPanelRows = 2;

  explicit TutorialNet(int threads)
      : Net<E>({.batch = 250,
                .sizes = {kFeatures, 256, kClasses},
                .panel = kPanelRows * kOut * kLanes,
                .threads = threads},
               kSide * kSide, FirstConvolution::kSize),
        convolution(this->parameters, threads),
        z(this->batch * kFeatures) {}

  void run() {
    this->parameters.next_step();
    ++this->step;
#pragma omp parallel num_threads(this->threads)
    {
      const int thread = omp_get_thread_num();
      forward_and_back(thread);
#pragma omp barrier
#pragma omp single nowait
      convolution.update(this->parameters);
      this->dense.update(thread, z);
    }
  }

  void forward_and_back(int thread) {
    const std::int64_t rows = this->dense.rows(), begin = thread * rows;
    const float* x = this->samples.x;
    const float* w = this->parameters.master(convolution.weights);
    for (std::int64_t i = begin; i < begin + rows; ++i) {
      convolution.forward(z + i * kFeatures, x + i * kSide * kSide, w, dropout, i, this->step);
    }
    this->scores[thread] =
        this->dense.forward_and_back(thread, z, this->samples.labels, this->step);
    this->dense.input_gradient(thread, [&](std::int64_t first, const E* dz) {
      constexpr std::int64_t kPanel = kPanelRows * kOut * kLanes;
      for (std::int64_t i = 0; i < rows; ++i) {
        convolution.backward(thread, dz + i * kPanel, z + (begin + i) * kFeatures + first,
                             x + (begin + i) * kSide * kSide, first / (kOut * kLanes), kPanelRows,
                             dropout);
      }
    });
  }

  Dropout dropout{0.25};
  FirstConvolution convolution;
  Memory<E> z;  // (batch, 2, 26, 26, 16)
};

// Conv2D 32, Conv2D 64, MaxPooling2D, AlphaDropout .25, Dense 512, Dense 10.
struct MnistConv : Net<float> {
  static constexpr std::int64_t kFirst = 2 * kPixels * kLanes;
  static constexpr std::int64_t kSecond = 4 * kConvolved * kConvolved * kLanes;
  static constexpr std::int64_t kFeatures = kSecond / 4, kPanel = kFeatures / 8;

  explicit MnistConv(int threads)
      : Net({.batch = 128,
             .sizes = {kFeatures, 512, kClasses},
             .panel = kPanel,
             .threads = threads},
            kSide * kSide, FirstConvolution::kSize + 9 * 32 * 64 + 64),
        first(parameters, threads),
        z1(batch * kFirst),
        dz1(batch * kFirst),
        z2(batch * kSecond),
        dz2(batch * kSecond),
        pooled(batch * kFeatures) {
    const ThreadLimit one(1);
    for (int thread = 0; thread < threads; ++thread) {
      second.emplace_back(dense.rows(), 32, 64, kOut, kOut, 3);
      second_gradients.emplace_back(second[0].weights_size() + 64);
    }
    second_weights = parameters.add(second[0].weights_size(), 1 / std::sqrt(9.0 * 32));
    second_bias = parameters.add(64, 0);
  }

  void run() {
    parameters.next_step();
    ++step;
#pragma omp parallel num_threads(threads)
    {
      const int thread = omp_get_thread_num();
      forward(thread);
      scores[thread] = dense.forward_and_back(thread, pooled, samples.labels, step);
      back(thread);
#pragma omp barrier
#pragma omp single nowait
      update_convolutions();
      dense.update(thread, pooled);
    }
  }

  void forward(int thread) {
    const std::int64_t begin = thread * dense.rows(), end = begin + dense.rows();
    for (std::int64_t i = begin; i < end; ++i) {
      first.forward(z1 + i * kFirst, samples.x + i * kSide * kSide,
                    parameters.master(first.weights), Dropout(), i, step);
    }
    second[thread].forward(z2 + begin * kSecond, z1 + begin * kFirst,
                           parameters.master(second_weights), parameters.master(second_bias));
    for (std::int64_t i = begin; i < end; ++i) {
      selu_pool(pooled + i * kFeatures, z2 + i * kSecond, 4, dropout, i * kFeatures, step);
    }
  }

  void back(int thread) {
    const std::int64_t rows = dense.rows(), begin = thread * rows;
    dense.input_gradient(thread, [&](std::int64_t first_feature, const float* dp) {
      for (std::int64_t i = 0; i < rows; ++i) {
        const std::int64_t sample = begin + i;
        selu_pool_gradient(dz2 + sample * kSecond + 4 * first_feature, dp + i * kPanel,
                           pooled + sample * kFeatures + first_feature,
                           z2 + sample * kSecond + 4 * first_feature, kPanel / (kPooled * kLanes),
                           dropout);
      }
    });
    float* gradient = second_gradients[thread];
    second[thread].weight_gradient(gradient, gradient + second[thread].weights_size(),
                                   z1 + begin * kFirst, dz2 + begin * kSecond);
    second[thread].input_gradient(dz1 + begin * kFirst, dz2 + begin * kSecond,
                                  parameters.master(second_weights));
    for (std::int64_t i = begin; i < begin + rows; ++i) {
      for (const std::int64_t block : {0, 1}) {
        const std::int64_t at = i * kFirst + block * kPixels * kLanes;
        first.backward(thread, dz1 + at, z1 + at, samples.x + i * kSide * kSide, block * kOut, kOut,
                       Dropout());
      }
    }
  }

  void update_convolutions() {
    first.update(parameters);
    const std::int64_t size = second[0].weights_size();
    for (std::size_t thread = 1; thread < second.size(); ++thread) {
      for (std::int64_t i = 0; i < size + 64; ++i) {
        second_gradients[0][i] += second_gradients[thread][i];
      }
    }
    parameters.update(second_weights, size, second_gradients[0]);
    parameters.update(second_bias, 64, second_gradients[0] + size);
  }

  Dropout dropout{0.25};
  FirstConvolution first;
  std::vector<Convolution> second;  // of each thread
  std::vector<Memory<>> second_gradients;
  std::int64_t second_weights = 0, second_bias = 0;
  Memory<> z1, dz1;  // (batch, 2, 26, 26, 16)
  Memory<> z2, dz2;  // (batch, 4, 24, 24, 16)
  Memory<> pooled;   // (batch, 4, 12, 12, 16)
};

// Steps of a case on so many threads, and what the net has learned: the mean loss and accuracy of
// the last step.
struct Training {
  std::function<void()> run;
  std::function<Score()> score;
};

template <class N, class... Arguments>
Training training(Arguments&&... arguments) {
  auto net = std::make_shared<N>(std::forward<Arguments>(arguments)...);
  return {[net] { net->run(); },
          [net] {
            Score total;
            for (const Score& score : net->scores) {
              total.loss += score.loss / static_cast<float>(net->batch);
              total.correct += score.correct / static_cast<float>(net->batch);
            }
            return total;
          }};
}

std::vector<std::int64_t> sizes(std::int64_t features, std::int64_t layers, std::int64_t units) {
  std::vector<std::int64_t> result(static_cast<std::size_t>(layers) + 2, units);
  result.front() = features;
  result.back() = kClasses;
  return result;
}

const std::map<std::string, Training (*)(int threads)> kTrainings{
    {"tutorial", [](int threads) { return training<TutorialNet<float>>(threads); }},
    {"tutorial_bf16", [](int threads) { return training<TutorialNet<bfloat16>>(threads); }},
    {"mlp",
     [](int threads) {
       return training<Mlp>(DenseShape{128, {784, 512, 256, kClasses}, 0.05, 0, threads});
     }},
    {"deep_32x256",
     [](int threads) {
       return training<Mlp>(DenseShape{128, sizes(784, 32, 256), 0.05, 0, threads});
     }},
    {"small_8x64",
     [](int threads) {
       return training<Mlp>(DenseShape{32, sizes(64, 8, 64), 0.05, 0, threads});
     }},
    {"mnist_conv", [](int threads) { return training<MnistConv>(threads); }},
};

// The faster of one thread and all.
std::string run_training(Training (*make)(int threads)) {
  std::string best;
  double fastest = 0;
  for (const int threads : {omp_get_max_threads(), 1}) {
    const Training net = make(threads);
    const Timing timing = measure(net.run);
    if (!best.empty() && timing.median > fastest) continue;
    fastest = timing.median;
    best = fmt::format(R"("threads": {}, {}, "loss": {:.4f}, "accuracy": {:.4f})", threads,
                       to_json(timing), net.score().loss, net.score().correct);
  }
  return best;
}

std::string run_case(const std::string& name) {
  const auto training = kTrainings.find(name);
  if (training == kTrainings.end()) return R"("not_supported": "the floor has no such case")";
  if (name == "tutorial_bf16" && !has_bfloat16()) {
    return R"("not_supported": "this processor has no bfloat16 instructions")";
  }
  return run_training(training->second);
}

void print_case(const std::string& name) {
  fmt::print(R"({{"runner": "floor", "case": "{}", {}}})"
             "\n",
             name, run_case(name));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) print_case(argv[i]);
  for (std::string name; argc == 1 && std::getline(std::cin, name);) print_case(name);
}
