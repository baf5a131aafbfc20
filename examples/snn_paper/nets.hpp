#pragma once

#include <banach/models/sequential.hpp>
#include <banach/nn/activations.hpp>
#include <banach/nn/optimizers.hpp>
#include <examples/snn_paper/data.hpp>

#include <string>
#include <vector>

namespace banach::snn_paper {

enum class Dropping { none, dropout, alpha_dropout };

/// What a hidden layer is: the two sides of most comparisons.
struct HiddenLayer {
  std::string activation = "selu";
  Initializer kernel = "lecun_normal";
  Initializer bias = "zeros";
  Dropping dropping = Dropping::none;
  double rate = 0;
  bool batch_normalization = false;  ///< after the activation
};

HiddenLayer selu_layer(double alpha_dropout = 0);
HiddenLayer relu_layer(double dropout = 0);  ///< HeNormal

/// Dense layers of these widths, then `classes` outputs with softmax.
Sequential make_mlp(std::int64_t inputs, const std::vector<std::int64_t>& widths,
                    std::int64_t classes, const HiddenLayer& layer);
/// Adds what stands behind a dense layer's activation.
void add_tail(Sequential& model, const HiddenLayer& layer);

struct Training {
  Optimizer optimizer = optimizers::SGD(0.01);
  std::int64_t epochs = 1, batch_size = 128;
};

struct Trained {
  std::vector<double> losses;  ///< of training, by epoch, while it was going on
  double accuracy = 0;         ///< on the test samples
  double seconds = 0;
};

/// Trains for sparse labels and tests.
Trained train(Sequential& model, const SplitSamples& data, const Training& training);

}  // namespace banach::snn_paper
