#pragma once

#include <benchmarks/floor/kit.hpp>
#include <benchmarks/floor/loops.hpp>

#include <cmath>
#include <vector>

#include <omp.h>

namespace banach::bench {

/// What a dense net is made of.
struct DenseShape {
  std::int64_t batch;
  std::vector<std::int64_t> sizes;  // features, hidden layers, classes
  double rate = 0;                  // of the dropout after each hidden layer
  std::int64_t panel = 0;           // features whose weights are updated at a time; 0: all
  std::int64_t back_panel = 0;      // features whose gradient is made at a time; 0: all
  int threads = 1;

  std::int64_t num_weights() const {
    std::int64_t count = 0;
    for (std::size_t i = 1; i < sizes.size(); ++i) {
      count += (sizes[i - 1] + 1) * sizes[i] + 2 * kLanes;
    }
    return count;
  }
};

/// Dense layers with SELU and dropout, and at the end softmax and the loss. Weights are (units,
/// inputs), the order in which oneDNN's three products are fastest.
template <class E>
class DenseNet {
 public:
  DenseNet(const DenseShape& shape, Parameters<E>& parameters);

  /// One thread's share of the batch, from x to the loss and back to the gradient of what the first
  /// layer made.
  Score forward_and_back(int thread, const E* x, const std::int32_t* labels, std::uint32_t step);

  /// The gradient of the same samples' x, for a panel of features at a time: back(first, dx), where
  /// dx is (rows, panel).
  template <class Back>
  void input_gradient(int thread, const Back& back);

  /// One thread's share of the weights, when all threads are back.
  void update(int thread, const E* x);

  std::int64_t rows() const { return shape_.batch / shape_.threads; }

 private:
  struct Layer;
  struct Worker;

  void update_panels(int thread, const Layer& layer, const E* x);
  void update_bias(int thread, const Layer& layer, std::int64_t unit);

  DenseShape shape_;
  Dropout dropout_;
  Parameters<E>& parameters_;
  std::vector<Layer> layers_;
  std::vector<Worker> workers_;
};

template <class E>
struct DenseNet<E>::Layer {
  Layer(const DenseShape& shape, std::size_t i, Parameters<E>& parameters)
      : inputs(shape.sizes[i]),
        units(shape.sizes[i + 1]),
        stride(std::max(units, kLanes)),
        panel(i == 0 && shape.panel > 0 ? shape.panel : inputs),
        back_panel(i == 0 && shape.back_panel > 0 ? shape.back_panel : inputs),
        share(units % (kLanes * shape.threads) == 0 && panel == inputs ? units / shape.threads
                                                                       : units),
        weights(parameters.add(inputs * units, 1 / std::sqrt(inputs))),
        bias(parameters.add(units, 0)),
        z(shape.batch * stride),
        dz(shape.batch * stride) {}

  std::int64_t inputs, units;
  std::int64_t stride;         // from row to row of z
  std::int64_t panel;          // inputs whose weights are updated at a time
  std::int64_t back_panel;     // inputs whose gradient is made at a time
  std::int64_t share;          // units whose weights one thread updates
  std::int64_t weights, bias;  // (units, inputs), (units,)
  Memory<E> z, dz;             // (batch, units)
};

// What one thread needs: the products for its rows and its weights.
template <class E>
struct DenseNet<E>::Worker {
  explicit Worker(const DenseNet& net) : gradient(kMaxGradient), dx(kMaxGradient) {
    const std::int64_t rows = net.rows(), batch = net.shape_.batch;
    for (const Layer& layer : net.layers_) {
      const std::int64_t inputs = layer.inputs, units = layer.units, panel = layer.panel;
      const std::int64_t back = layer.back_panel;
      const bool last = units == kClasses;
      const Matrix z{rows, units, false, layer.stride};
      forward.emplace_back(z, Matrix{rows, inputs}, Matrix{inputs, units, true},
                           last ? Epilogue::bias : Epilogue::bias_selu);
      input_gradient.emplace_back(Matrix{rows, back}, z, Matrix{units, back, false, inputs});
      weight_gradient.emplace_back(Matrix{layer.share, panel},
                                   Matrix{layer.share, batch, true, layer.stride},
                                   Matrix{batch, panel, false, inputs});
    }
  }

  static constexpr std::int64_t kMaxGradient = 1 << 20;
  std::vector<Matmul<E, E>> forward, input_gradient;
  std::vector<Matmul<float, E>> weight_gradient;
  Memory<> gradient;
  Memory<E> dx;
};

template <class E>
DenseNet<E>::DenseNet(const DenseShape& shape, Parameters<E>& parameters)
    : shape_(shape), dropout_(shape.rate), parameters_(parameters) {
  for (std::size_t i = 0; i + 1 < shape.sizes.size(); ++i)
    layers_.emplace_back(shape, i, parameters);
  const ThreadLimit one(1);
  for (int thread = 0; thread < shape.threads; ++thread) workers_.emplace_back(*this);
}

template <class E>
Score DenseNet<E>::forward_and_back(int thread, const E* x, const std::int32_t* labels,
                                    std::uint32_t step) {
  const Worker& worker = workers_[thread];
  const std::int64_t first = thread * rows();
  const E* input = x + first * layers_[0].inputs;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    E* z = layer.z + first * layer.stride;
    worker.forward[i](z, input, parameters_.weights(layer.weights), parameters_.master(layer.bias));
    if (layer.units != kClasses && shape_.rate > 0) {
      const std::int64_t number = (static_cast<std::int64_t>(i) << 24) + first * layer.stride;
      drop(z, rows() * layer.units, dropout_, number, step);
    }
    input = z;
  }
  const Layer& last = layers_.back();
  const Score score = cross_entropy(last.dz + first * kLanes, last.z + first * kLanes,
                                    labels + first, rows(), shape_.batch);
  for (std::size_t i = layers_.size() - 1; i > 0; --i) {
    const Layer &layer = layers_[i], &before = layers_[i - 1];
    E* dx = before.dz + first * before.stride;
    worker.input_gradient[i](dx, layer.dz + first * layer.stride,
                             parameters_.weights(layer.weights));
    undo(dx, before.z + first * before.stride, rows() * before.units, dropout_);
  }
  return score;
}

template <class E>
template <class Back>
void DenseNet<E>::input_gradient(int thread, const Back& back) {
  const Worker& worker = workers_[thread];
  const Layer& layer = layers_[0];
  const E* dz = layer.dz + thread * rows() * layer.stride;
  for (std::int64_t first = 0; first < layer.inputs; first += layer.back_panel) {
    worker.input_gradient[0](worker.dx, dz, parameters_.weights(layer.weights) + first);
    back(first, static_cast<const E*>(worker.dx));
  }
}

template <class E>
void DenseNet<E>::update(int thread, const E* x) {
  const Worker& worker = workers_[thread];
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const E* input = i == 0 ? x : layers_[i - 1].z;
    if (layer.panel < layer.inputs) {
      update_panels(thread, layer, input);
    } else if (thread * layer.share < layer.units) {
      const std::int64_t unit = thread * layer.share;
      worker.weight_gradient[i](worker.gradient, layer.dz + unit, input);
      parameters_.update(layer.weights + unit * layer.inputs, layer.share * layer.inputs,
                         worker.gradient);
      update_bias(thread, layer, unit);
    }
  }
}

// Every so many panels are the thread's own.
template <class E>
void DenseNet<E>::update_panels(int thread, const Layer& layer, const E* x) {
  const Worker& worker = workers_[thread];
  for (std::int64_t first = thread * layer.panel; first < layer.inputs;
       first += shape_.threads * layer.panel) {
    worker.weight_gradient[0](worker.gradient, layer.dz, x + first);
    for (std::int64_t unit = 0; unit < layer.units; ++unit) {
      parameters_.update(layer.weights + unit * layer.inputs + first, layer.panel,
                         worker.gradient + unit * layer.panel);
    }
  }
  if (thread == 0) update_bias(thread, layer, 0);
}

template <class E>
void DenseNet<E>::update_bias(int thread, const Layer& layer, std::int64_t unit) {
  const Worker& worker = workers_[thread];
  sum_rows<E>(worker.gradient, layer.dz + unit, shape_.batch, layer.share, layer.stride);
  parameters_.update(layer.bias + unit, layer.share, worker.gradient);
}

}  // namespace banach::bench
