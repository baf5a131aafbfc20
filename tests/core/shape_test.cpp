#include <banach/core/errors.hpp>
#include <banach/core/shape.hpp>
#include <doctest/doctest.h>

using namespace banach;

TEST_CASE("shapes know rank, size and Python's way to print") {
  CHECK(Shape{}.size() == 1);
  CHECK(Shape{}.str() == "()");
  CHECK(Shape{3}.str() == "(3,)");
  CHECK(Shape{kUnknown, 28, 1}.str() == "(None, 28, 1)");
  CHECK(Shape{2, 3, 4}.size() == 24);
  CHECK(Shape{2, 0, 4}.size() == 0);
  CHECK(Shape{2, 3, 4}[-1] == 4);
  CHECK(Shape{2, 3, 4}.strides() == std::vector<std::int64_t>{12, 4, 1});
  CHECK(Shape{2, 3} != Shape{2, 3, 1});
}

TEST_CASE("what a shape cannot be") {
  const auto size_of = [](const Shape& shape) { return shape.size(); };
  CHECK_THROWS_AS(size_of({kUnknown, 2}), InvalidArgument);
  CHECK_THROWS_AS(size_of({1LL << 40, 1LL << 40}), InvalidArgument);
  CHECK_THROWS_AS((Shape{1, 2, 3, 4, 5, 6, 7, 8, 9}), InvalidArgument);
  const Shape shape{2, 3};
  CHECK_THROWS_AS(static_cast<void>(shape[2]), InvalidArgument);
  CHECK_THROWS_AS(static_cast<void>(shape[-3]), InvalidArgument);
}

TEST_CASE("broadcasting is NumPy's") {
  CHECK(broadcast({4, 1, 5}, {3, 1}) == Shape{4, 3, 5});
  CHECK(broadcast({}, {2, 3}) == Shape{2, 3});
  CHECK(broadcast({1}, {0}) == Shape{0});
  CHECK_THROWS_AS(broadcast({4}, {3}), InvalidArgument);
}
