// E6: images that were only divided by 255, whose mean square is 0.11, through SELU layers.
#include <examples/snn_paper/data.hpp>
#include <examples/snn_paper/experiments.hpp>
#include <examples/snn_paper/spread.hpp>

#include <banach/layers/dense.hpp>
#include <banach/snn/mean_variance_map.hpp>

#include <fmt/core.h>

namespace banach::snn_paper {
namespace {

constexpr std::size_t kLayers[] = {1, 2, 4, 8, 16, 32};
constexpr double kExpected[] = {.1683, .2379, .4020, .7042, .9515, .9990};

double mean_square(const Array& x) {
  const Array exact = x.astype(float64);
  return variance(exact) + mean(exact) * mean(exact);
}

// After each of 32 layers.
std::vector<double> propagate(Array x) {
  std::vector<double> squares;
  for (int layer = 1; layer <= 32; ++layer) {
    x = layers::Dense(512, {.activation = "selu", .kernel_initializer = "lecun_normal"})(x);
    squares.push_back(mean_square(x));
  }
  return squares;
}

// The same by theory, for inputs of this mean square. With random weights a mean of the inputs is
// variance over units.
std::vector<double> predict(double square) {
  std::vector<double> squares;
  snn::Moments moments{0, square};
  for (int layer = 1; layer <= 32; ++layer) {
    moments = snn::mean_variance_map(moments, snn::random_weights(moments));
    squares.push_back(moments.variance + moments.mean * moments.mean);
  }
  return squares;
}

std::vector<double> column(const std::vector<std::vector<double>>& draws, std::size_t layer) {
  std::vector<double> values;
  for (const auto& draw : draws) values.push_back(draw[layer]);
  return values;
}

}  // namespace

void run_raw_images(const Options& options, Report& report) {
  const Array images = load_mnist(1000, Scaling::bytes, 1).train.x;
  const double square = mean_square(images);
  report.value("mean square of x / 255, 1,000 images", near(.1120, .01), square);
  std::vector<std::vector<double>> draws;
  for (int i = 0; i < options.seeds_or(4, 16); ++i) draws.push_back(propagate(images));

  const std::vector<double> all_images = predict(.1120), predicted = predict(square);
  for (std::size_t i = 0; i < std::size(kLayers); ++i) {
    report.value(fmt::format("from .1120, predicted after {}", kLayers[i]),
                 near(kExpected[i], 5.1e-5), all_images[kLayers[i] - 1]);
    const Spread measured = spread(column(draws, kLayers[i] - 1));
    report.value("  measured, within 4 standard errors",
                 near(predicted[kLayers[i] - 1], 4 * measured.error), measured.mean);
  }
  FigureData& figure = report.figure("layers", {"layer", "predicted", "measured", "error"},
                                     {.x = "layer", .y = {"predicted", "measured"}});
  for (std::size_t layer = 0; layer < predicted.size(); ++layer) {
    const Spread measured = spread(column(draws, layer));
    figure.rows.push_back({fmt::format("{}", layer + 1), text(predicted[layer]),
                           text(measured.mean), text(measured.error)});
  }
}

}  // namespace banach::snn_paper
