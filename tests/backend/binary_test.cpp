#include <banach/backend/cpu/binary.hpp>
#include <banach/ops/functions.hpp>

#include <string>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

// Small positive whole numbers, so that comparisons meet equals, and some NaN.
Floats values_for(std::int64_t size, std::uint64_t seed) {
  Floats values = normal_floats(size, seed, 5, 2);
  for (float& v : values) v = std::max(1.0f, std::round(v));
  if (size > 20) values[13] = std::nanf("");
  return values;
}

template <class F>
void check(Repeat repeat, std::int64_t rows, std::int64_t columns) {
  const std::int64_t size = rows * columns;
  const bool by_rows = repeat == Repeat::left_row || repeat == Repeat::right_row;
  const auto index = [&](std::int64_t i, Repeat number, Repeat row) {
    return static_cast<std::size_t>(repeat == number ? 0 : repeat == row ? i % columns : i);
  };
  const Floats a = values_for(size, 1), b = values_for(size, 2);
  Floats c(a.size()), expected(a.size());
  find_binary(F::kName, repeat)(c.data(), a.data(), b.data(), 0, by_rows ? rows : size, columns);
  for (std::int64_t i = 0; i < size; ++i) {
    expected[static_cast<std::size_t>(i)] =
        F::forward(a[index(i, Repeat::left_number, Repeat::left_row)],
                   b[index(i, Repeat::right_number, Repeat::right_row)]);
  }
  INFO(std::string(F::kName));
  CHECK(largest_error(c, expected) == 0);
}

}  // namespace

TEST_CASE("every binary function, with and without a side that repeats") {
  for_each_target([] {
    functions::for_each<functions::Binary>([]<class F>() {
      for (const Repeat repeat : {Repeat::none, Repeat::left_number, Repeat::right_number,
                                  Repeat::left_row, Repeat::right_row}) {
        check<F>(repeat, 5, 37);
        check<F>(repeat, 3, 1);
        check<F>(repeat, 2, 16);
      }
    });
  });
}
