// One sample is memory's business: weights are (inputs, units), so that a row of them is read
// straight into sums, and threads read different parts. Many samples are the training's forward
// pass, each thread with its own.
#include <benchmarks/floor/kit.hpp>
#include <benchmarks/floor/loops.hpp>
#include <benchmarks/floor/predictions.hpp>

#include <cmath>
#include <vector>

#include <omp.h>

namespace banach::bench {
namespace {

std::vector<std::int64_t> sizes(std::int64_t features, std::int64_t layers, std::int64_t units) {
  std::vector<std::int64_t> result(static_cast<std::size_t>(layers) + 2, units);
  result.front() = features;
  result.back() = kLanes;  // ten classes and six zeros
  return result;
}

struct Layer {
  std::int64_t inputs, units, weights, bias;
};

std::vector<Layer> add_layers(Parameters<float>& parameters,
                              const std::vector<std::int64_t>& sizes) {
  std::vector<Layer> layers;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    layers.push_back({sizes[i], sizes[i + 1],
                      parameters.add(sizes[i] * sizes[i + 1], 1 / std::sqrt(sizes[i])),
                      parameters.add(sizes[i + 1], 0)});
  }
  return layers;
}

// One sample through dense layers; the threads share each layer's units.
struct DenseAnswer {
  DenseAnswer(const std::vector<std::int64_t>& sizes, int threads)
      : threads(threads), parameters(1 << 22), layers(add_layers(parameters, sizes)) {
    for (const std::int64_t size : sizes) values.emplace_back(size);
    std::fill_n(values[0] + 0, sizes[0], 0.5F);
  }

  void run() const {
    if (threads == 1) return run(0, [] {});
#pragma omp parallel num_threads(threads)
    run(omp_get_thread_num(), [] {
#pragma omp barrier
    });
  }

  template <class Wait>
  void run(int thread, const Wait& wait) const {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const Layer& layer = layers[i];
      const bool split = layer.units >= 2 * kLanes * threads;
      const std::int64_t share = split ? layer.units / threads : layer.units;
      const std::int64_t first = split ? thread * share : 0;
      if (split || thread == 0) {
        float* y = values[i + 1] + first;
        multiply_row(y, values[i], parameters.weights(layer.weights) + first, layer.inputs, share,
                     layer.units);
        finish_row(y, parameters.weights(layer.bias) + first, share, i + 1 < layers.size());
      }
      wait();
    }
  }

  int threads;
  Parameters<float> parameters;
  std::vector<Layer> layers;
  std::vector<Memory<>> values;
};

constexpr std::int64_t kFeatures = 2 * kPixels * kLanes, kUnits = 256;

// One image through the tutorial's net; each thread takes blocks of filters, and the part of the
// dense layer that reads them.
struct TutorialAnswer {
  explicit TutorialAnswer(int threads)
      : threads(threads),
        parameters(6 << 20),
        convolution(parameters.add((18 + 2) * kLanes, 1 / 3.0)),
        layers(add_layers(parameters, {kFeatures, kUnits, kLanes})),
        image(kSide * kSide),
        z(kFeatures),
        sums(2 * kUnits),
        classes(kLanes) {}

  void run() const {
    const float* w = parameters.weights(convolution);
#pragma omp parallel for num_threads(threads)
    for (std::int64_t block = 0; block < 2; ++block) {
      constexpr std::int64_t kInputs = kPixels * kLanes;
      convolve_image(z + block * kInputs, image, w + block * 9 * kLanes, w + (18 + block) * kLanes,
                     Dropout(), 0, 0);
      multiply_row(sums + block * kUnits, z + block * kInputs,
                   parameters.weights(layers[0].weights) + block * kInputs * kUnits, kInputs,
                   kUnits, kUnits);
    }
    for (std::int64_t i = 0; i < kUnits; ++i) sums[i] += sums[kUnits + i];
    finish_row(sums, parameters.weights(layers[0].bias), kUnits, true);
    multiply_row(classes, sums, parameters.weights(layers[1].weights), kUnits, kLanes, kLanes);
    finish_row(classes, parameters.weights(layers[1].bias), kLanes, false);
  }

  int threads;
  Parameters<float> parameters;
  std::int64_t convolution;
  std::vector<Layer> layers;
  Memory<> image, z, sums, classes;
};

// 10,000 images through the tutorial's net; each thread takes some at a time.
struct TutorialAnswers {
  static constexpr std::int64_t kImages = 10000, kSome = 125;

  explicit TutorialAnswers(int threads)
      : threads(threads),
        parameters(6 << 20),
        convolution(parameters.add((18 + 2) * kLanes, 1 / 3.0)),
        layers(add_layers(parameters, {kFeatures, kUnits, kLanes})),
        images(kImages * kSide * kSide),
        classes(kImages * kLanes) {
    const ThreadLimit one(1);
    for (int thread = 0; thread < threads; ++thread) workers.emplace_back();
  }

  void run() const {
#pragma omp parallel for num_threads(threads)
    for (std::int64_t first = 0; first < kImages; first += kSome) {
      const Worker& worker = workers[static_cast<std::size_t>(omp_get_thread_num())];
      const float* w = parameters.weights(convolution);
      for (std::int64_t i = 0; i < 2 * kSome; ++i) {
        const std::int64_t block = i % 2;
        convolve_image(worker.z + i * kPixels * kLanes, images + (first + i / 2) * kSide * kSide,
                       w + block * 9 * kLanes, w + (18 + block) * kLanes, Dropout(), 0, 0);
      }
      worker.dense(worker.hidden, worker.z, parameters.weights(layers[0].weights),
                   parameters.weights(layers[0].bias));
      worker.last(classes + first * kLanes, worker.hidden, parameters.weights(layers[1].weights),
                  parameters.weights(layers[1].bias));
      for (std::int64_t i = first; i < first + kSome; ++i) softmax(classes + i * kLanes);
    }
  }

  struct Worker {
    Matmul<float, float> dense{
        {kSome, kUnits}, {kSome, kFeatures}, {kFeatures, kUnits, true}, Epilogue::bias_selu};
    Matmul<float, float> last{{kSome, kLanes}, {kSome, kUnits}, {kUnits, kLanes}, Epilogue::bias};
    Memory<> z{kSome * kFeatures}, hidden{kSome * kUnits};
  };
  int threads;
  Parameters<float> parameters;
  std::int64_t convolution;
  std::vector<Layer> layers;
  Memory<> images, classes;
  std::vector<Worker> workers;
};

template <class N, class... Arguments>
std::function<void()> answer(Arguments&&... arguments) {
  return [net = std::make_shared<N>(std::forward<Arguments>(arguments)...)] { net->run(); };
}

}  // namespace

const std::map<std::string, std::function<void()> (*)(int threads)>& predictions() {
  static const std::map<std::string, std::function<void()> (*)(int threads)> list{
      {"tutorial_predict", [](int threads) { return answer<TutorialAnswer>(threads); }},
      {"mlp_predict",
       [](int threads) {
         return answer<DenseAnswer>(std::vector<std::int64_t>{784, 512, 256, kLanes}, threads);
       }},
      {"deep_32x256_predict",
       [](int threads) { return answer<DenseAnswer>(sizes(784, 32, 256), threads); }},
      {"small_8x64_predict",
       [](int threads) { return answer<DenseAnswer>(sizes(64, 8, 64), threads); }},
      {"tutorial_predict_10000", [](int threads) { return answer<TutorialAnswers>(threads); }},
  };
  return list;
}

}  // namespace banach::bench
