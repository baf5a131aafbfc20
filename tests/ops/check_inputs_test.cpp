#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/ops/convolution.hpp>
#include <banach/ops/dropout.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/matmul.hpp>
#include <banach/ops/normalization.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/softmax.hpp>
#include <doctest/doctest.h>

using namespace banach;

namespace {

Tensor tensor(const Shape& shape, DType dtype = float32) { return constant(Array(shape, dtype)); }

}  // namespace

TEST_CASE("ops take inputs of one dtype") {
  const Tensor x = tensor({3, 4}), wide = tensor({4, 4}, float64);
  CHECK_THROWS_WITH_AS(ops::matmul(x, wide),
                       "matmul expected one dtype, received float32 and float64: use ops::cast",
                       InvalidArgument);
  const Window window = make_window({5, 5}, 3, 1, 1, "valid");
  CHECK_THROWS_AS(ops::conv2d(tensor({1, 5, 5, 2}), tensor({3, 3, 2, 4}, float64), window),
                  InvalidArgument);
  CHECK_THROWS_AS(ops::softmax_crossentropy(tensor({3, 4}, float64), x), InvalidArgument);
  CHECK_THROWS_AS(ops::sparse_softmax_crossentropy(tensor({3}, int64), x), InvalidArgument);
  CHECK_THROWS_AS(ops::sparse_categorical_match(tensor({3}, float64), x), InvalidArgument);
  CHECK_THROWS_AS(ops::weighted_mean(x, tensor({3, 4}, float64)), InvalidArgument);
}

TEST_CASE("normalization takes a gamma and a beta for each channel") {
  const Tensor x = tensor({6, 4}), four = tensor({4});
  CHECK_THROWS_WITH_AS(ops::layer_norm(x, tensor({5}), four, 1e-3),
                       "layer_norm expected gamma of float32 (4,), received float32 (5,)",
                       InvalidArgument);
  CHECK_THROWS_AS(ops::layer_norm(x, four, tensor({4}, float64), 1e-3), InvalidArgument);
  CHECK_THROWS_AS(ops::batch_norm(x, four, tensor({1}), 1e-3), InvalidArgument);
}

TEST_CASE("steps and counters are int64 scalars") {
  const Tensor x = tensor({6, 4});
  CHECK_THROWS_AS(ops::increment(tensor({}, float32)), InvalidArgument);
  CHECK_THROWS_AS(ops::increment(tensor({2}, int64)), InvalidArgument);
  CHECK_THROWS_AS(ops::dropout(x, tensor({}), dropout_parameters(.5, 1), {6, 4}), InvalidArgument);
}
