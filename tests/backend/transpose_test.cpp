#include <banach/backend/cpu/transpose.hpp>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

TEST_CASE("transpose moves every axis") {
  const Floats x = normal_floats(3 * 4 * 5, 1);
  Floats y(x.size());
  transpose(y.data(), x.data(), {5, 3, 4}, {1, 20, 5});
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 4; ++j)
      for (std::size_t k = 0; k < 5; ++k) CHECK(y[(k * 3 + i) * 4 + j] == x[(i * 4 + j) * 5 + k]);
}

TEST_CASE("transpose does the same on several threads") {
  const Floats x = normal_floats(300 * 400, 1);
  check_threads([&] {
    Floats y(x.size());
    transpose(y.data(), x.data(), {400, 300}, {1, 400});
    return y;
  });
}
