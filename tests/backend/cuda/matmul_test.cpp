#include <banach/ops/matmul.hpp>
#include <doctest/doctest.h>
#include <tests/backend/cuda/check_node.hpp>
#include <tests/backend/cuda/halves.hpp>
#include <tests/backend/cuda/short_fractions.hpp>
#include <tests/support/environment.hpp>
#include <tests/support/tolerance.hpp>

using namespace banach;
using namespace banach::testing;

namespace {

struct Sizes {
  std::int64_t m, n, k;
};
constexpr Sizes kSizes[] = {{1, 1, 1},    {1, 1000, 3},  {31, 33, 17}, {33, 1, 1000},
                            {64, 64, 16}, {65, 130, 67}, {128, 10, 40}};

Shape transposed_if(bool transposed, std::int64_t rows, std::int64_t columns) {
  return transposed ? Shape{columns, rows} : Shape{rows, columns};
}

void check_products(const Sizes& s, DType dtype, std::optional<DType> result, double tolerance) {
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      check_node(std::make_shared<MatmulOp>(ta, tb, Epilogue{}, result),
                 {waves(transposed_if(ta, s.m, s.k)), waves(transposed_if(tb, s.k, s.n))}, dtype,
                 tolerance, std::make_shared<MatmulOp>(ta, tb));
    }
  }
}

void check_all_types() {
  for (const Sizes& s : kSizes) {
    check_products(s, float32, {}, Tolerance::kFloat32);
    check_products(s, float64, {}, Tolerance::kFloat64);
    for (const auto& [half, tolerance] : kHalves) {
      check_products(s, half, {}, tolerance);
      check_products(s, half, float32, Tolerance::kFloat32);
    }
  }
}

// 256 times -16 * 16 is -65536, more than float16 has.
void check_overflow() {
  const auto product = std::make_shared<MatmulOp>(false, false);
  const std::vector<Array> factors = {Array::full({3, 256}, -16), Array::full({256, 5}, 16)};
  const Tape tape = node_tape(product, factors, float16);
  const Array y = run_tape(tape, factors, get_backend("cuda:0"))[0];
  for (std::int64_t i = 0; i < y.size(); ++i) CHECK(y.flat(i) == -INFINITY);
}

// (k, columns): 1, or only in the last `count` rows.
Array last_ones(std::int64_t k, std::int64_t columns, bool transposed, std::int64_t count) {
  Array ones(transposed_if(transposed, k, columns));
  const auto values = ones.mutable_values<float>();
  for (std::int64_t i = 0; i < ones.size(); ++i) {
    const std::int64_t row = transposed ? i % k : i / columns;
    values[static_cast<std::size_t>(i)] = row >= k - count ? 1 : 0;
  }
  return ones;
}

// Sums of `count` products of 1 by 1, at their end, and otherwise of 0.
void check_count(const Sizes& s, DType from, DType to, std::int64_t count) {
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      INFO(s.m, " ", s.n, " ", s.k, " ", ta, tb, " ", name_of(from), " ", name_of(to));
      const std::vector<Array> factors = {Array::full(transposed_if(ta, s.m, s.k), 1),
                                          last_ones(s.k, s.n, tb, count)};
      const auto product = std::make_shared<MatmulOp>(ta, tb, Epilogue{}, to);
      const Tape tape = node_tape(product, factors, from);
      const Array y = run_tape(tape, factors, get_backend("cuda:0"))[0];
      CHECK(max_abs_difference(y, Array::full({s.m, s.n}, static_cast<double>(count))) == 0);
    }
  }
}

}  // namespace

TEST_CASE("products of every type, by cuBLASLt") { check_all_types(); }

TEST_CASE("products that are too large for float16 are infinite") { check_overflow(); }

TEST_SUITE("emulated") {
  TEST_CASE("products of every type, where cuBLASLt has no algorithm") {
    const EnvironmentVariable none("BANACH_EMULATED_CUBLAS", "15");
    check_all_types();
    check_overflow();
  }

  TEST_CASE("an error of cuBLASLt is not a lack of algorithms") {
    const EnvironmentVariable internal_error("BANACH_EMULATED_CUBLAS", "14");
    CHECK_THROWS_WITH_AS(check_overflow(), "[cuda] cuBLASLt: cuBLAS status 14", DeviceError);
  }
}

// Of cuBLASLt's 12.8.5 and 13.1.1 some lose the last 8 products on an H100 for k = 11528 and 57608,
// on other GPUs for 8648.
TEST_CASE("long sums are whole") {
  const Sizes sizes[] = {{1, 8, 129},    {1, 8, 4097},    {1, 8, 8257},    {1, 8, 8648},
                         {1, 8, 11528},  {1, 8, 57608},   {32, 32, 4097},  {32, 32, 8257},
                         {32, 32, 8648}, {32, 32, 11528}, {128, 128, 129}, {64, 64, 11528}};
  constexpr std::int64_t kExact = 100;  // in halves
  for (const Sizes& s : sizes) {
    for (const Half& half : kHalves) {
      check_count(s, half.dtype, float32, s.k);
      check_count(s, half.dtype, half.dtype, kExact);
    }
    const ShortFractions tf32;
    check_count(s, float32, float32, s.k);
  }
}

TEST_CASE("TF32 rounds factors when it is enabled, and only then") {
  const auto product = std::make_shared<MatmulOp>(false, false);
  const std::vector<Array> factors = {positive(waves({256, 256})), positive(waves({256, 256}))};
  const auto error = [&] {
    const Tape tape = node_tape(product, factors, float32),
               exact = node_tape(product, factors, float64);
    return relative_difference(run_tape(tape, factors, get_backend("cuda:0"))[0],
                               run_tape(exact, factors, get_backend("reference"))[0]);
  };
  CHECK(error() <= Tolerance::kFloat32);
  {
    const ShortFractions tf32;
    CHECK(error() > Tolerance::kFloat32);
    CHECK(error() <= Tolerance::kTensorFloat32);
  }
  CHECK(error() <= Tolerance::kFloat32);
}

TEST_CASE("empty products are empty, and sums of nothing are 0") {
  for (const Sizes& s : {Sizes{0, 3, 4}, Sizes{3, 0, 4}, Sizes{0, 0, 0}, Sizes{70, 3, 0}}) {
    check_products(s, float32, {}, Tolerance::kFloat32);
    for (const Half& half : kHalves) check_products(s, half.dtype, float32, Tolerance::kFloat32);
  }
}
