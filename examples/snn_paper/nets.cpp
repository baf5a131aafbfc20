#include <examples/snn_paper/nets.hpp>

#include <banach/layers/batch_normalization.hpp>
#include <banach/layers/dense.hpp>
#include <banach/layers/dropout.hpp>

#include <chrono>

namespace banach::snn_paper {

HiddenLayer selu_layer(double alpha_dropout) {
  return {.dropping = alpha_dropout > 0 ? Dropping::alpha_dropout : Dropping::none,
          .rate = alpha_dropout};
}

HiddenLayer relu_layer(double dropout) {
  return {.activation = "relu",
          .kernel = "he_normal",
          .dropping = dropout > 0 ? Dropping::dropout : Dropping::none,
          .rate = dropout};
}

void add_tail(Sequential& model, const HiddenLayer& layer) {
  if (layer.batch_normalization) model.add(layers::BatchNormalization());
  if (layer.dropping == Dropping::dropout) model.add(layers::Dropout(layer.rate));
  if (layer.dropping == Dropping::alpha_dropout) model.add(layers::AlphaDropout(layer.rate));
}

Sequential make_mlp(std::int64_t inputs, const std::vector<std::int64_t>& widths,
                    std::int64_t classes, const HiddenLayer& layer) {
  Sequential model;
  for (const std::int64_t width : widths) {
    layers::DenseOptions options{.activation = layer.activation,
                                 .kernel_initializer = layer.kernel,
                                 .bias_initializer = layer.bias};
    if (width == widths.front() && model.layers().empty()) options.input_shape = Shape{inputs};
    model.add(layers::Dense(width, options));
    add_tail(model, layer);
  }
  model.add(layers::Dense(classes, {.activation = "softmax"}));
  return model;
}

Trained train(Sequential& model, const SplitSamples& data, const Training& training) {
  model.compile({.loss = "sparse_categorical_crossentropy",
                 .optimizer = training.optimizer,
                 .metrics = {"accuracy"}});
  const auto begin = std::chrono::steady_clock::now();
  const History history =
      model.fit(data.train.x, data.train.y,
                {.batch_size = training.batch_size, .epochs = training.epochs, .verbose = 0});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  const auto scores = model.evaluate(data.test.x, data.test.y, {.batch_size = 500, .verbose = 0});
  return {history.history.at("loss"), scores[1], seconds.count()};
}

}  // namespace banach::snn_paper
