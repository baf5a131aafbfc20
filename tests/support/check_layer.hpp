#pragma once

#include <banach/backend/backend.hpp>
#include <banach/layers/layer.hpp>

#include <functional>
#include <vector>

namespace banach::testing {

/// y = f(x), and the gradients of sum(y * cotangent) with respect to x and to each variable.
struct Derivatives {
  Array y, dx;
  std::vector<Array> dw;
};

/// Traces f once and runs it in the dtype of x. The random step is 0, so masks repeat.
Derivatives differentiate(const std::function<Tensor(const Tensor&)>& f, const Array& x,
                          const Array& cotangent, const std::vector<Variable>& variables = {},
                          const BackendPtr& backend = default_backend());

/// The harness of every layer, for a new one in its own dtype: names, building, shapes and dtypes
/// as announced and as run, weights there and back, clones, inference that repeats, gradients
/// against central differences (float64), the config there and back (unless the layer holds a
/// function of one's own: then writing it must fail), and one training step that moves what is
/// trainable.
void check_layer(Layer& layer, const Array& input, bool has_config = true);

/// N(0, 1), the same for the same seed.
Array normal_array(const Shape& shape, std::uint64_t seed, DType dtype = float32);

}  // namespace banach::testing
