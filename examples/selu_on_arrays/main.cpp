// Why SELU: through any number of layers the activations keep mean 0 and variance 1, without batch
// normalization and with AlphaDropout in between. Activations, initializers and layers called
// directly on arrays show it.
#include <banach/banach.hpp>

#include <fmt/core.h>

using namespace banach;
using namespace banach::layers;

// The moments of what `depth` dense layers make of normal numbers.
static void show(const char* title, const DenseOptions& options, double rate, int depth) {
  Array x = initializers::RandomNormal(0, 1)({1000, 256});
  for (int i = 0; i < depth; ++i) {
    x = Dense(256, options)(x);
    if (rate > 0) x = AlphaDropout(rate)(x, {.training = true});
  }
  fmt::print("{:<34} mean {:7.4f}, variance {:.3g}\n", title, mean(x), variance(x));
}

int main() {
  utils::set_random_seed(1);

  // The function itself, on numbers.
  const Array x = Array::of<float>({-2, -1, 0, 1, 2});
  const Array y = activations::selu(x);
  for (int i = 0; i < x.dim(0); ++i) fmt::print("selu({:2}) = {:.4f}\n", x.flat(i), y.flat(i));

  fmt::print("\nAfter 50 layers of 256 units:\n");
  show("selu, lecun_normal", {.activation = "selu", .kernel_initializer = "lecun_normal"}, 0, 50);
  show("selu, lecun_normal, AlphaDropout",
       {.activation = "selu", .kernel_initializer = "lecun_normal"}, 0.1, 50);
  show("selu, he_normal", {.activation = "selu", .kernel_initializer = "he_normal"}, 0, 50);
  show("relu, lecun_normal", {.activation = "relu", .kernel_initializer = "lecun_normal"}, 0, 50);
  show("tanh, lecun_normal", {.activation = "tanh", .kernel_initializer = "lecun_normal"}, 0, 50);

  // What the theory says of SELU: lecun_normal has tau = 1, he_normal 2.
  for (const double tau : {1., 2.}) {
    snn::Moments m;
    for (int i = 0; i < 50; ++i) m = snn::mean_variance_map(m, snn::random_weights(m, tau));
    fmt::print("in theory, tau {:<20}mean {:7.4f}, variance {:.3g}\n", tau, m.mean, m.variance);
  }
}
