#include <banach/backend/cpu/reduce.hpp>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

Floats sums_of(const Floats& x, std::int64_t rows, std::int64_t columns) {
  Floats sums(static_cast<std::size_t>(columns));
  Scratch scratch(column_sums_scratch_bytes(rows, columns));
  column_sums(sums.data(), x.data(), rows, columns, scratch.data());
  return sums;
}

}  // namespace

TEST_CASE("column_sums adds the rows") {
  for_each_target([] {
    for (const auto& [rows, columns] : {std::pair(1, 1), {3, 5}, {9, 16}, {5000, 33}, {300, 700}}) {
      const Floats x = normal_floats(rows * columns, 1);
      std::vector<double> expected(static_cast<std::size_t>(columns));
      for (std::size_t i = 0; i < x.size(); ++i) expected[i % expected.size()] += x[i];
      CAPTURE(expected.size());
      CHECK(largest_error(sums_of(x, rows, columns), expected) < 1e-5);
    }
  });
}

TEST_CASE("no rows have sums of 0") { CHECK(sums_of({}, 0, 3) == Floats{0, 0, 0}); }

namespace {

struct Blocks {
  std::int64_t outer, rows, columns;
  std::size_t size() const { return static_cast<std::size_t>(outer * rows * columns); }
};

constexpr Blocks kBlocks[] = {{3, 7, 1}, {2, 9, 5}, {4, 1, 33}, {1, 20, 16}};

}  // namespace

TEST_CASE("row_sums and row_maxima reduce the middle, repeat_rows is their opposite") {
  for_each_target([] {
    for (const Blocks& k : kBlocks) {
      CAPTURE(k.columns);
      const Floats x = normal_floats(static_cast<std::int64_t>(k.size()), 1);
      Floats sums(x.size() / static_cast<std::size_t>(k.rows)), maxima = sums, repeated = x;
      std::vector<double> expected_sums(sums.size());
      Floats expected_maxima(sums.size(), -HUGE_VALF), expected_repeated = x;
      const auto at = [&](std::size_t i) {
        const auto rows = static_cast<std::size_t>(k.rows), columns = std::size_t(k.columns);
        return i / columns / rows * columns + i % columns;
      };
      for (std::size_t i = 0; i < x.size(); ++i) {
        expected_sums[at(i)] += x[i];
        expected_maxima[at(i)] = std::max(expected_maxima[at(i)], x[i]);
      }
      row_sums(sums.data(), x.data(), k.outer, k.rows, k.columns);
      row_maxima(maxima.data(), x.data(), k.outer, k.rows, k.columns);
      repeat_rows(repeated.data(), maxima.data(), k.outer, k.rows, k.columns);
      for (std::size_t i = 0; i < x.size(); ++i) expected_repeated[i] = maxima[at(i)];
      CHECK(largest_error(sums, expected_sums) < 1e-6);
      CHECK(maxima == expected_maxima);
      CHECK(repeated == expected_repeated);
    }
  });
}

TEST_CASE("equal largest values share the gradient, and NaN is the largest") {
  const Floats x = {1, 5, 3, 2, 3, 5}, dy = {6, 8};  // (3, 2)
  Floats y(2), dx(6);
  Scratch scratch(2 * sizeof(float));
  row_maxima(y.data(), x.data(), 1, 3, 2);
  row_maxima_grad(dx.data(), dy.data(), x.data(), y.data(), 1, 3, 2, scratch.data());
  CHECK(y == Floats{3, 5});
  CHECK(dx == Floats{0, 4, 3, 0, 3, 4});
  const Floats with_nan = {1, NAN, 3};
  row_maxima(y.data(), with_nan.data(), 1, 3, 1);
  CHECK(std::isnan(y[0]));
}

TEST_CASE("weighted_sum keeps sums in double") {
  for (const std::int64_t size : {0, 1, 7, 8, 1000, 1'000'003}) {
    const Floats x = normal_floats(size, 1, 1), w = normal_floats(size, 2, 1);
    double sum = 0, weighted = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum += x[i];
      weighted += double{x[i]} * w[i];
    }
    CHECK(weighted_sum(x.data(), nullptr, size) == doctest::Approx(sum).epsilon(1e-12));
    CHECK(weighted_sum(x.data(), w.data(), size) == doctest::Approx(weighted).epsilon(1e-12));
  }
}

TEST_CASE("weighted_mean_grad shares the gradient") {
  const Floats weights = {1, 2, 3};
  Floats dvalues(3);
  weighted_mean_grad(dvalues.data(), 6, weights.data(), 3);
  CHECK(dvalues == Floats{2, 4, 6});
  weighted_mean_grad(dvalues.data(), 6, nullptr, 3);
  CHECK(dvalues == Floats{2, 2, 2});
}

TEST_CASE("sums' bits do not depend on the number of threads") {
  const Floats x = normal_floats(1'000'000, 1);
  check_threads([&] { return sums_of(x, 10'000, 100); });
  check_threads([&] { return std::vector{weighted_sum(x.data(), x.data(), 1'000'000)}; });
}
