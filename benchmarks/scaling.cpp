// How the cost of a training step grows: with the batch, the depth and the width of dense SELU
// networks, on one thread and on two. A block for each axis and number of threads; in it, lines of:
// value, microseconds a sample, the same at the machine's peak, megabytes of activations and
// scratch, megabytes of weights with their gradients and Adam's moments. scaling.gnuplot plots it.
#include <banach/core/threads.hpp>
#include <banach/layers/dense.hpp>
#include <banach/layers/dropout.hpp>
#include <banach/layers/input.hpp>
#include <banach/models/runtime.hpp>
#include <banach/models/sequential.hpp>
#include <benchmarks/floor/bound.hpp>
#include <benchmarks/measure.hpp>

#include <algorithm>
#include <fmt/core.h>
#include <map>

using namespace banach;
using namespace banach::bench;

namespace {

// What an axis leaves alone.
struct Net {
  std::int64_t batch = 128, features = 256, depth = 4, width = 256;
};

Sequential make_model(const Net& net) {
  Sequential model({layers::Input({net.features})});
  for (std::int64_t i = 0; i < net.depth; ++i) {
    model.add(
        layers::Dense(net.width, {.activation = "selu", .kernel_initializer = "lecun_normal"}));
    model.add(layers::AlphaDropout(0.05));
  }
  model.add(layers::Dense(10, {.activation = "softmax"}));
  model.compile({.loss = losses::categorical_crossentropy, .optimizer = optimizers::Adam()});
  return model;
}

// Forward, input gradient of all but the first layer, weight gradient.
double flops_per_sample(const Net& net) {
  const double first = static_cast<double>(net.features * net.width);
  const double others = static_cast<double>((net.depth - 1) * net.width * net.width);
  return 4 * first + 6 * (others + static_cast<double>(10 * net.width));
}

struct Cost {
  double microseconds = 1e30;  // a sample, the fastest of all measurements
  double activations = 0, weights = 0;
};

void measure_net(Cost& cost, const Net& net) {
  Sequential model = make_model(net);
  const auto program = cached_program(
      model, {Mode::train, {Shape{net.batch, net.features}}, {Shape{net.batch, 10}}});
  const ContextLease context = program->lease();
  const double fastest = measure([&] { context->run(); }, 5, 40).fastest;
  cost.microseconds = std::min(cost.microseconds, fastest * 1e3 / static_cast<double>(net.batch));
  cost.activations = static_cast<double>(program->arena_bytes());
  cost.weights = static_cast<double>(model.count_params()) * 4 * sizeof(float);
}

// A block of lines for each number of threads: values first, 2 first, ... last. Goes through all of
// them several times, since what disturbs a machine lasts longer than a measurement.
void measure_axis(const char* name, std::int64_t first, std::int64_t last,
                  Net (*net)(std::int64_t value)) {
  constexpr int kPasses = 3;
  for (const int threads : {1, 2}) {
    config::set_num_threads(threads);
    std::map<std::int64_t, Cost> costs;
    for (int pass = 0; pass < kPasses; ++pass) {
      for (std::int64_t value = first; value <= last; value *= 2) {
        measure_net(costs[value], net(value));
      }
    }
    fmt::print("# {}, {} threads\n", name, threads);
    for (const auto& [value, cost] : costs) {
      fmt::print("{}\t{:.5g}\t{:.5g}\t{:.5g}\t{:.5g}\n", value, cost.microseconds,
                 flops_per_sample(net(value)) / peak_flops(threads) * 1e6, cost.activations / 1e6,
                 cost.weights / 1e6);
    }
    fmt::print("\n\n");
    std::fflush(stdout);
  }
}

}  // namespace

int main() {
  measure_axis("batch", 1, 4096, [](std::int64_t batch) { return Net{.batch = batch}; });
  measure_axis("depth", 1, 128, [](std::int64_t depth) { return Net{.depth = depth}; });
  measure_axis("width", 16, 4096, [](std::int64_t width) {
    return Net{.features = width, .depth = 2, .width = width};
  });
}
