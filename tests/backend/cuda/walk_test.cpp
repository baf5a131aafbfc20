#include <banach/backend/cuda/walk.hpp>
#include <doctest/doctest.h>

using namespace banach;
using namespace banach::cuda;

namespace {

Walk<2> broadcast_walk(const Shape& shape, const Shape& a, const Shape& b) {
  return make_walk<2>(shape, {broadcast_steps(a, shape), broadcast_steps(b, shape)});
}

}  // namespace

TEST_CASE("a walk has no more axes than it needs") {
  CHECK(broadcast_walk({}, {}, {}).rank == 0);
  CHECK(broadcast_walk({4, 1, 5}, {4, 1, 5}, {4, 1, 5}).rank == 1);
  CHECK(broadcast_walk({4, 3, 5}, {4, 3, 5}, {}).rank == 1);
  CHECK(broadcast_walk({4, 3, 5}, {4, 3, 5}, {5}).rank == 2);
  CHECK(broadcast_walk({4, 3, 5}, {4, 3, 5}, {4, 1, 1}).rank == 2);
  CHECK(broadcast_walk({4, 3, 5}, {4, 1, 5}, {4, 3, 1}).rank == 3);
}

TEST_CASE("a walk finds elements beyond 32 bits") {
  const Walk<2> walk = broadcast_walk({3, 70'000, 70'000}, {3, 70'000, 1}, {70'000});
  CHECK_FALSE(walk.is_small());
  std::int64_t at[2];
  walk.locate<std::uint64_t>((std::int64_t{2} * 70'000 + 69'999) * 70'000 + 12'345, at);
  CHECK(at[0] == 209'999);
  CHECK(at[1] == 12'345);
}
