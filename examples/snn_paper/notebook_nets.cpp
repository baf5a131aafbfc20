// E9: the protocols of the authors' PyTorch notebooks (bioinf-jku/SNNs, Pytorch/).
#include <examples/snn_paper/experiments.hpp>
#include <examples/snn_paper/nets.hpp>
#include <examples/snn_paper/spread.hpp>

#include <banach/core/random.hpp>
#include <banach/layers/activation.hpp>
#include <banach/layers/conv2d.hpp>
#include <banach/layers/dense.hpp>
#include <banach/layers/pooling2d.hpp>
#include <banach/layers/reshape.hpp>
#include <banach/train/early_stopping.hpp>

#include <cmath>
#include <fmt/core.h>

namespace banach::snn_paper {
namespace {

constexpr double kRate = 0.05;             // of dropout
constexpr std::int64_t kTraining = 49920;  // 390 batches of 128: the notebooks drop a partial one

struct Published {
  const char* net;
  bool convolutional;
  double test[2];   // SELU, ReLU
  double first[2];  // validation accuracy after epoch 1
  double third[2];  // after epoch 3
};

constexpr Published kPublished[] = {
    {"MLP", false, {92.04, 90.76}, {80.90, 54.21}, {86.72, 71.63}},
    {"CNN", true, {95.91, 94.58}, {81.49, 36.78}, {89.05, 80.10}},
};
constexpr const char* kNames[] = {"SELU", "ReLU"};

// torch's default is U(-1, 1) / sqrt(fan_in) for weights and biases; the notebooks give SELU's nets
// N(0, 1 / fan_in) and zeros, in the last layer too.
HiddenLayer layer_of(bool selu, double fan_in) {
  if (selu) {
    return {.kernel = initializers::VarianceScaling({.distribution = "untruncated_normal"}),
            .dropping = Dropping::alpha_dropout,
            .rate = kRate};
  }
  const double limit = 1 / std::sqrt(fan_in);
  return {.activation = "relu",
          .kernel = initializers::VarianceScaling({.scale = 1. / 3, .distribution = "uniform"}),
          .bias = initializers::RandomUniform(-limit, limit),
          .dropping = Dropping::dropout,
          .rate = kRate};
}

layers::Dense dense(bool selu, std::int64_t inputs, std::int64_t units, bool last = false) {
  const HiddenLayer layer = layer_of(selu, static_cast<double>(inputs));
  return layers::Dense(units, {.activation = last ? "softmax" : layer.activation,
                               .kernel_initializer = layer.kernel,
                               .bias_initializer = layer.bias});
}

void add_convolution(Sequential& model, bool selu, std::int64_t filters, std::int64_t size,
                     std::int64_t channels) {
  const HiddenLayer layer = layer_of(selu, static_cast<double>(size * size * channels));
  model.add(layers::Conv2D(filters, size,
                           {.kernel_initializer = layer.kernel, .bias_initializer = layer.bias}));
  model.add(layers::MaxPooling2D(2));
  model.add(layers::Activation(layer.activation));
}

Sequential make_net(bool convolutional, bool selu) {
  Sequential model;
  std::int64_t inputs = 784;
  if (convolutional) {
    model.add(layers::Reshape({28, 28, 1}, {.input_shape = Shape{784}}));
    add_convolution(model, selu, 8, 5, 1);
    add_convolution(model, selu, 16, 3, 8);
    model.add(layers::Flatten());
    inputs = 16 * 5 * 5;
  }
  model.add(dense(selu, inputs, 512));
  add_tail(model, layer_of(selu, 1));
  if (!convolutional) {
    model.add(dense(selu, 512, 256));
    add_tail(model, layer_of(selu, 1));
  }
  model.add(dense(selu, convolutional ? 512 : 256, 10, true));
  return model;
}

struct Outcome {
  double test;                     // percent, of the weights that were best in validation
  std::vector<double> validation;  // percent, by epoch
};

Outcome train_net(Sequential model, const SplitSamples& data, std::int64_t epochs) {
  model.compile({.loss = "sparse_categorical_crossentropy",
                 .optimizer = optimizers::SGD(1e-3),
                 .metrics = {"accuracy"}});
  const Samples& all = data.train;
  const History history =
      model.fit(all.x.slice(0, kTraining), all.y.slice(0, kTraining),
                {.batch_size = 128,
                 .epochs = epochs,
                 .verbose = 0,
                 .callbacks = {callbacks::EarlyStopping({.monitor = "val_accuracy",
                                                         .patience = epochs,
                                                         .mode = "max",
                                                         .restore_best_weights = true})},
                 .validation_data = {{all.x.slice(50000, 60000), all.y.slice(50000, 60000)}},
                 .validation_batch_size = 500});
  Outcome outcome{};
  for (const double x : history.history.at("val_accuracy")) outcome.validation.push_back(100 * x);
  outcome.test =
      100 * model.evaluate(data.test.x, data.test.y, {.batch_size = 500, .verbose = 0})[1];
  return outcome;
}

struct Results {
  std::vector<double> test, first, third;
};

Results train_all(const Published& net, bool selu, const Options& options, FigureData& figure) {
  Results results;
  for (int seed = 1; seed <= options.seeds_or(1, 3); ++seed) {
    SplitSamples data = load_mnist(60000, Scaling::whole);
    data.train = pick(data.train, RandomGenerator(draw_seed()).permutation(60000));
    const Outcome outcome =
        train_net(make_net(net.convolutional, selu), data, options.full ? 20 : 3);
    results.test.push_back(outcome.test);
    results.first.push_back(outcome.validation[0]);
    results.third.push_back(outcome.validation[2]);
    for (std::size_t i = 0; i < outcome.validation.size(); ++i) {
      figure.rows.push_back({net.net, kNames[!selu], fmt::format("{}", seed),
                             fmt::format("{}", i + 1), text(outcome.validation[i])});
    }
  }
  return results;
}

void judge(const Published& net, const Results (&results)[2], bool full, Report& report) {
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string name = std::string(net.net) + ", " + kNames[i];
    report.value(name + ": validation after epoch 1, %", near(net.first[i], i == 0 ? 3 : 15),
                 spread(results[i].first).mean);
    report.value(name + ": validation after epoch 3, %", near(net.third[i], i == 0 ? 2 : 10),
                 spread(results[i].third).mean);
    if (!full) continue;
    const Spread test = spread(results[i].test);
    report.value(name + fmt::format(": test, %, mean of {}", results[i].test.size()),
                 near(net.test[i], .5), test.mean);
    if (net.convolutional && i == 1) {
      report.because("one run of the notebook; Keras 3.15 gives 93.23, 94.25 and 94.30");
    }
    report.plain(name + ": deviation of a run", test.deviation);
  }
  report.value(std::string(net.net) + ": SELU - ReLU after epoch 1, points", at_least(20),
               spread(results[0].first).mean - spread(results[1].first).mean);
  if (!full) return;
  report.value(std::string(net.net) + ": SELU - ReLU, test, points", at_least(.8),
               spread(results[0].test).mean - spread(results[1].test).mean);
}

}  // namespace

void run_notebook_nets(const Options& options, Report& report) {
  FigureData& figure = report.figure(
      "validation", {"net", "activation", "seed", "epoch", "accuracy"},
      {.x = "epoch", .y = {"accuracy"}, .by = {"net", "activation"}, .repeat = "seed"});
  for (const Published& net : kPublished) {
    if (net.convolutional && !options.full) continue;
    const Results results[2] = {train_all(net, true, options, figure),
                                train_all(net, false, options, figure)};
    judge(net, results, options.full, report);
  }
}

}  // namespace banach::snn_paper
