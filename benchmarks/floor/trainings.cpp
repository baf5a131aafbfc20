// All nets work alike. A thread takes its share of the batch through the net and back without
// waiting for the other; then the threads share the weights, and update each part while its
// gradient is in the cache. Images lie in blocks of 16 channels.
#include <benchmarks/floor/dense_net.hpp>
#include <benchmarks/floor/trainings.hpp>

#include <algorithm>
#include <cmath>
#include <random>

namespace banach::bench {
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
      add(gradients[0], gradients[thread], kSize);
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
  static constexpr std::int64_t kFeatures = 2 * kPixels * kLanes;
  static constexpr std::int64_t kPanelRows = 2, kPanel = kPanelRows * kOut * kLanes;

  explicit TutorialNet(int threads)
      : Net<E>({.batch = 250,
                .sizes = {kFeatures, 256, kClasses},
                .panel = kPanel,
                .back_panel = kPanel,
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

// Conv2D 32, Conv2D 64, MaxPooling2D, AlphaDropout .25, Dense 512, Dense 10. A thread takes some
// samples at a time through the convolutions, so that what they pass on is in the cache.
struct MnistConv : Net<float> {
  static constexpr std::int64_t kSome = 4;
  static constexpr std::int64_t kFirst = 2 * kPixels * kLanes;
  static constexpr std::int64_t kSecond = 4 * kConvolved * kConvolved * kLanes;
  static constexpr std::int64_t kFeatures = kSecond / 4;

  explicit MnistConv(int threads)
      : Net({.batch = 128, .sizes = {kFeatures, 512, kClasses}, .panel = 512, .threads = threads},
            kSide * kSide, FirstConvolution::kSize + 9 * 32 * 64 + 64),
        first(parameters, threads),
        z1(batch * kFirst),
        z2(batch * kSecond),
        pooled(batch * kFeatures) {
    const ThreadLimit one(1);
    for (int thread = 0; thread < threads; ++thread) workers.emplace_back();
    second = parameters.add(workers[0].second.weights_size(), 1 / std::sqrt(9.0 * 32));
    second_bias = parameters.add(64, 0);
  }

  void run() {
    parameters.next_step();
    ++step;
#pragma omp parallel num_threads(threads)
    {
      const int thread = omp_get_thread_num();
      const std::int64_t begin = thread * dense.rows(), end = begin + dense.rows();
      for (std::int64_t i = begin; i < end; i += kSome) forward(workers[thread], i);
      scores[thread] = dense.forward_and_back(thread, pooled, samples.labels, step);
      workers[thread].second.turn(parameters.master(second));
      dense.input_gradient(thread, [&](std::int64_t, const float* dp) {
        for (std::int64_t i = begin; i < end; i += kSome) {
          back(thread, i, dp + (i - begin) * kFeatures);
        }
      });
#pragma omp barrier
#pragma omp single nowait
      update_convolutions();
      dense.update(thread, pooled);
    }
  }

  struct Worker {
    Convolution second{kSome, 32, 64, kOut, kOut, 3};
    Memory<> dz1{kSome * kFirst}, dz2{kSome * kSecond};
    Memory<> some{second.weights_size() + 64}, gradient{second.weights_size() + 64};
  };

  void forward(const Worker& worker, std::int64_t begin) {
    for (std::int64_t i = begin; i < begin + kSome; ++i) {
      first.forward(z1 + i * kFirst, samples.x + i * kSide * kSide,
                    parameters.master(first.weights), Dropout(), i, step);
    }
    worker.second.forward(z2 + begin * kSecond, z1 + begin * kFirst, parameters.master(second),
                          parameters.master(second_bias));
    for (std::int64_t i = begin; i < begin + kSome; ++i) {
      selu_pool(pooled + i * kFeatures, z2 + i * kSecond, 4, dropout, i * kFeatures, step);
    }
  }

  void back(int thread, std::int64_t begin, const float* dpooled) {
    const Worker& worker = workers[thread];
    const std::int64_t bias = worker.second.weights_size();
    for (std::int64_t i = 0; i < kSome; ++i) {
      selu_pool_gradient(worker.dz2 + i * kSecond, dpooled + i * kFeatures,
                         pooled + (begin + i) * kFeatures, z2 + (begin + i) * kSecond, 4 * kPooled,
                         dropout);
    }
    worker.second.weight_gradient(worker.some, worker.some + bias, z1 + begin * kFirst, worker.dz2);
    add(worker.gradient, worker.some, bias + 64);
    worker.second.input_gradient(worker.dz1, worker.dz2);
    for (std::int64_t i = 0; i < 2 * kSome; ++i) {
      const std::int64_t sample = begin + i / 2, block = i % 2, at = i * kPixels * kLanes;
      first.backward(thread, worker.dz1 + at, z1 + begin * kFirst + at,
                     samples.x + sample * kSide * kSide, block * kOut, kOut, Dropout());
    }
  }

  void update_convolutions() {
    first.update(parameters);
    const std::int64_t bias = workers[0].second.weights_size();
    const Memory<>& total = workers[0].gradient;
    for (std::size_t thread = 1; thread < workers.size(); ++thread) {
      add(total, workers[thread].gradient, bias + 64);
    }
    parameters.update(second, bias, total);
    parameters.update(second_bias, 64, total + bias);
    for (const Worker& worker : workers) std::fill_n(worker.gradient + 0, bias + 64, 0.0F);
  }

  Dropout dropout{0.25};
  FirstConvolution first;
  std::vector<Worker> workers;
  std::int64_t second = 0, second_bias = 0;
  Memory<> z1, z2;  // (batch, 2, 26, 26, 16), (batch, 4, 24, 24, 16)
  Memory<> pooled;  // (batch, 4, 12, 12, 16)
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

}  // namespace

const std::map<std::string, Training (*)(int threads)>& trainings() {
  static const std::map<std::string, Training (*)(int threads)> list{
      {"tutorial", [](int threads) { return training<TutorialNet<float>>(threads); }},
      {"tutorial_bf16", [](int threads) { return training<TutorialNet<bfloat16>>(threads); }},
      {"mlp",
       [](int threads) {
         return training<Mlp>(DenseShape{
             .batch = 128, .sizes = {784, 512, 256, kClasses}, .rate = 0.05, .threads = threads});
       }},
      {"deep_32x256",
       [](int threads) {
         return training<Mlp>(DenseShape{
             .batch = 128, .sizes = sizes(784, 32, 256), .rate = 0.05, .threads = threads});
       }},
      {"small_8x64",
       [](int threads) {
         return training<Mlp>(
             DenseShape{.batch = 32, .sizes = sizes(64, 8, 64), .rate = 0.05, .threads = threads});
       }},
      {"mnist_conv", [](int threads) { return training<MnistConv>(threads); }},
  };
  return list;
}

}  // namespace banach::bench
