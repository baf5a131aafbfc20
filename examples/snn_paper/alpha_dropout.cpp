// E7: moments of SELU's activations after AlphaDropout, and after plain dropout.
#include <examples/snn_paper/experiments.hpp>

#include <banach/layers/dropout.hpp>
#include <banach/models/eager.hpp>
#include <banach/nn/activations.hpp>
#include <banach/nn/initializers.hpp>
#include <banach/snn/alpha_dropout.hpp>

#include <fmt/core.h>

namespace banach::snn_paper {
namespace {

struct Row {
  double rate, a, b, plain_variance;
};

constexpr Row kRows[] = {
    {.05, 0.95484447600503088, 0.083935572193810187, 1.0526},
    {.10, 0.92128451614971148, 0.16197097005757023, 1.1111},
    {.20, 0.87890358344353286, 0.30903996214409452, 1.25},
    {.50, 0.88640489466593185, 0.77919393051803165, 2.0},
};

}  // namespace

void run_alpha_dropout(const Options&, Report& report) {
  const Array x = activations::selu(initializers::RandomNormal(0, 1)({1000, 1000}));
  for (const Row& row : kRows) {
    const snn::AffineMap map = snn::alpha_dropout_map(row.rate);
    report.value(fmt::format("rate {}: a", row.rate), near(row.a, 4.5e-16), map.a, 16);
    report.value(fmt::format("rate {}: b", row.rate), near(row.b, 4.5e-16), map.b, 16);
    const Array y = layers::AlphaDropout(row.rate)(x, {.training = true}).astype(float64);
    report.value(fmt::format("AlphaDropout({}): mean", row.rate), near(0, .004), mean(y));
    report.value(fmt::format("AlphaDropout({}): variance", row.rate), near(1, .006), variance(y));
    const Array z = layers::Dropout(row.rate)(x, {.training = true}).astype(float64);
    report.value(fmt::format("Dropout({}): variance", row.rate),
                 near(row.plain_variance, .006 * row.plain_variance), variance(z));
  }
}

}  // namespace banach::snn_paper
