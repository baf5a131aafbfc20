#include <banach/core/errors.hpp>
#include <banach/graph/tape.hpp>
#include <banach/models/eager.hpp>
#include <banach/ops/elementwise.hpp>
#include <banach/ops/reduce.hpp>
#include <banach/ops/shape.hpp>
#include <banach/ops/slice.hpp>
#include <doctest/doctest.h>

using namespace banach;

namespace {

using Floats = std::vector<float>;

Tensor row(std::initializer_list<float> values) { return constant(Array::of<float>(values)); }
Floats values(const Tensor& x) { return eval(x).to_vector<float>(); }

}  // namespace

TEST_CASE("numbers stand for scalars") {
  const Tensor x = row({-1, 2, 3});
  CHECK(values(ops::maximum(x, 0)) == Floats{0, 2, 3});
  CHECK(values(ops::minimum(2.5, x)) == Floats{-1, 2, 2.5});
  CHECK(values(ops::power(x, 2)) == Floats{1, 4, 9});
  CHECK(values(ops::power(2, x)) == Floats{0.5, 4, 8});
  CHECK(values(ops::equal(x, 2)) == Floats{0, 1, 0});
  CHECK(values(ops::greater(x, 2)) == Floats{0, 0, 1});
  CHECK(values(ops::greater_equal(x, 2)) == Floats{0, 1, 1});
  CHECK(values(ops::less(x, 2)) == Floats{1, 0, 0});
  CHECK(values(ops::less_equal(x, 2)) == Floats{1, 1, 0});
  CHECK(values(ops::abs(x)) == Floats{1, 2, 3});
}

TEST_CASE("where takes the one or the other, and broadcasts") {
  const Tensor x = row({-1, 2, 3});
  CHECK(values(ops::where(ops::less(x, 0), x * 10.0, x)) == Floats{-10, 2, 3});
  const Tensor column = constant(Array::of<float>({1, 0}, {2, 1}));
  CHECK(values(ops::where(column, x, row({7}))) == Floats{-1, 2, 3, 7, 7, 7});
}

TEST_CASE("reductions go over one axis, several or all") {
  const Tensor x = constant(Array::of<float>({1, 2, 3, 5, 7, 9}, {2, 3}));
  CHECK(values(ops::sum(x, 1)) == Floats{6, 21});
  CHECK(values(ops::mean(x, -1)) == Floats{2, 7});
  CHECK(values(ops::max(x, 0)) == Floats{5, 7, 9});
  CHECK(values(ops::min(x, {0, 1})) == Floats{1});
  CHECK(values(ops::min(x, 1)) == Floats{1, 5});
  CHECK(values(ops::var(x, 0)) == Floats{4, 6.25, 9});
  CHECK(values(ops::std(x, 0)) == Floats{2, 2.5, 3});
  CHECK(ops::std(x, {}, true).shape() == Shape{1, 1});
}

TEST_CASE("all axes but the last may be none") {
  const Tensor x = row({1, 2, 4});
  CHECK(values(ops::sum_but_last(x)) == Floats{1, 2, 4});
  CHECK(values(ops::mean_but_last(ops::stack({x, x * 3.0}))) == Floats{2, 4, 8});
}

TEST_CASE("axes of size 1 come and go") {
  const Tensor x = constant(Array({2, 3}));
  CHECK(ops::expand_dims(x, 0).shape() == Shape{1, 2, 3});
  CHECK(ops::expand_dims(x, 1).shape() == Shape{2, 1, 3});
  CHECK(ops::expand_dims(x, -1).shape() == Shape{2, 3, 1});
  CHECK_THROWS_AS(ops::expand_dims(x, 3), InvalidArgument);
  const Tensor wide = constant(Array({1, 2, 1, 3}));
  CHECK(ops::squeeze(wide).shape() == Shape{2, 3});
  CHECK(ops::squeeze(wide, -2).shape() == Shape{1, 2, 3});
  CHECK(ops::squeeze(wide, {0, 2}).shape() == Shape{2, 3});
  CHECK_THROWS_WITH_AS(ops::squeeze(wide, 1), "squeeze: axis 1 of (1, 2, 1, 3) is not of size 1",
                       InvalidArgument);
  CHECK(values(ops::stack({row({1, 2}), row({3, 4})})) == Floats{1, 2, 3, 4});
  CHECK(values(ops::stack({row({1, 2}), row({3, 4})}, -1)) == Floats{1, 3, 2, 4});
}
