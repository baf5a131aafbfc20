#include <banach/backend/cpu/gemm.hpp>
#include <tests/backend/kernel_support.hpp>
#include <tests/backend/update_support.hpp>
#include <tests/support/tolerance.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

struct Matrices {
  explicit Matrices(const GemmShape& s)
      : shape(s), a(random_floats(s.m * s.k, 1)), b(random_floats(s.k * s.n, 2)) {}

  Floats multiply(const EpilogueArguments& epilogue = {}) const {
    Floats c(static_cast<std::size_t>(shape.m * shape.n), std::nanf(""));
    testing::Scratch scratch(gemm_scratch_bytes(shape));
    gemm(c.data(), a.data(), b.data(), shape, epilogue, scratch.data());
    return c;
  }

  double expected(std::int64_t i, std::int64_t j) const {
    double sum = 0;
    for (std::int64_t p = 0; p < shape.k; ++p) {
      const auto at_a = shape.transpose_a ? p * shape.m + i : i * shape.k + p;
      const auto at_b = shape.transpose_b ? j * shape.k + p : p * shape.n + j;
      sum += double{a[static_cast<std::size_t>(at_a)]} * b[static_cast<std::size_t>(at_b)];
    }
    return sum;
  }

  double largest_error(const Floats& c) const {
    double largest = 0;
    for (std::int64_t i = 0; i < shape.m; ++i) {
      for (std::int64_t j = 0; j < shape.n; ++j) {
        const double error = expected(i, j) - c[static_cast<std::size_t>(i * shape.n + j)];
        largest = std::isnan(error) ? 1e9 : std::max(largest, std::abs(error));
      }
    }
    return largest;
  }

  GemmShape shape;
  Floats a, b;
};

void check(std::int64_t m, std::int64_t n, std::int64_t k) {
  for (const bool transpose_a : {false, true}) {
    for (const bool transpose_b : {false, true}) {
      CAPTURE(m);
      CAPTURE(n);
      CAPTURE(k);
      CAPTURE(transpose_a);
      CAPTURE(transpose_b);
      const Matrices x({m, n, k, transpose_a, transpose_b});
      CHECK(x.largest_error(x.multiply()) < 1e-5 * std::sqrt(static_cast<double>(k) + 1));
    }
  }
}

}  // namespace

TEST_CASE("gemm is right for every shape around the edges of tiles") {
  for_each_target([] {
    for (const std::int64_t m : {1, 2, 3, 5, 6, 7, 13}) {
      for (const std::int64_t n : {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33}) {
        for (const std::int64_t k : {1, 2, 3, 4, 5, 17, 64}) check(m, n, k);
      }
    }
  });
}

TEST_CASE("gemm is right for blocks of rows, columns and depth") {
  for_each_target([] {
    check(49, 257, 255);
    check(97, 130, 257);
    check(101, 523, 300);
    check(3, 600, 1031);
    check(600, 2, 513);
    check(250, 10, 256);
    check(3, 10, 30011);  // a single tile, with work for several threads
    check(50, 40, 5003);  // in slices of the sum
    check(20, 13, 9001);
  });
}

TEST_CASE("gemm of a vector is right in slices too") {
  for_each_target([] {
    check(1, 512, 784);
    check(1, 37, 9001);
    check(300, 1, 500);
    check(1, 10, 256);
  });
}

TEST_CASE("gemm without anything to sum gives zero") {
  CHECK(Matrices({3, 2, 0}).multiply() == Floats(6, 0.0F));
}

TEST_CASE("gemm applies the epilogue once to every element") {
  EpilogueArguments epilogue{.activation = Activation::relu};
  for (const auto& [m, n, k] :
       {std::array{130, 300, 600}, {1, 40, 3000}, {5, 3, 2}, {50, 40, 5003}}) {
    const Floats bias = random_floats(n, 3);
    epilogue.bias = bias.data();
    const Matrices x({m, n, k});
    Floats expected = x.multiply();
    for (std::size_t i = 0; i < expected.size(); ++i) {
      expected[i] = std::max(0.0F, expected[i] + bias[i % static_cast<std::size_t>(n)]);
    }
    CHECK(x.multiply(epilogue) == expected);
  }
}

TEST_CASE("gemm gives the same bits on any number of threads") {
  const int before = config::num_threads();
  for (const bool transpose_a : {false, true}) {
    for (const bool transpose_b : {false, true}) {
      for (const auto& [m, n, k] : {std::array{130, 301, 600},
                                    {1, 301, 3000},
                                    {700, 20, 500},
                                    {110, 17, 5003},
                                    {700, 200, 250},
                                    {700, 10, 256},
                                    {5, 4500, 300}}) {
        config::set_num_threads(1);
        const Floats one = Matrices({m, n, k, transpose_a, transpose_b}).multiply();
        for (const int threads : {2, 3, 16}) {
          config::set_num_threads(threads);
          Matrices x({m, n, k, transpose_a, transpose_b});
          CHECK(x.multiply() == one);
          config::set_num_threads(1);  // planned for more threads than there are
          CHECK(x.multiply() == one);
          config::set_num_threads(8);  // or for fewer
          CHECK(x.multiply() == one);
        }
      }
    }
  }
  config::set_num_threads(before);
}

TEST_CASE("gemm drops the same elements on any number of threads") {
  const std::int64_t step = 3;
  EpilogueArguments epilogue{.dropout = true, .threshold = 1U << 14, .a = 0.9f, .b = 0.1f, .c = -1};
  epilogue.key = {1, 2};
  epilogue.step = &step;
  for (const auto& [m, n, k] : {std::array{20, 2100, 40}, {70, 300, 200}, {50, 40, 5003}}) {
    const auto multiply = [&, m = m, n = n, k = k] {
      return Matrices({m, n, k}).multiply(epilogue);
    };
    check_threads(multiply);
    const Floats c = multiply();
    const auto dropped = static_cast<double>(std::ranges::count(c, -1.0f));
    CHECK(dropped / static_cast<double>(c.size()) == doctest::Approx(0.25).epsilon(0.1));
  }
}

namespace {

Weight updated(const Matrices& x) {
  Weight weight(x.shape.m * x.shape.n);
  testing::Scratch scratch(gemm_update_scratch_bytes(x.shape));
  gemm_update({find_update("adam", false), weight.segment(nullptr), kAdam}, x.a.data(), x.b.data(),
              x.shape, scratch.data());
  return weight;
}

Weight updated_after(const Matrices& x) {
  Weight weight(x.shape.m * x.shape.n);
  const Floats gradient = x.multiply();
  update(find_update("adam", false), std::array{weight.segment(gradient.data())}, kAdam);
  return weight;
}

}  // namespace

TEST_CASE("gemm_update gives the bits of gemm and update, on any number of threads") {
  const int before = config::num_threads();
  for_each_target([&] {
    for (const auto& [m, n, k] :
         {std::array{130, 300, 250}, {513, 64, 128}, {7, 5, 3}, {70, 20, 1}}) {
      for (const bool transpose : {false, true}) {
        config::set_num_threads(1);
        const Matrices x({m, n, k, transpose, !transpose});
        REQUIRE(has_one_pass(x.shape));
        const Weight expected = updated_after(x);
        CHECK(updated(x) == expected);
        for (const int threads : {2, 3, 5}) {
          config::set_num_threads(threads);
          const Matrices same({m, n, k, transpose, !transpose});
          CHECK(updated(same) == expected);
          config::set_num_threads(1);  // planned for more threads than there are
          CHECK(updated(same) == expected);
          config::set_num_threads(8);  // or for fewer
          CHECK(updated(same) == expected);
        }
      }
    }
  });
  config::set_num_threads(before);
}

namespace {

struct Gradient {
  bool operator==(const Gradient&) const = default;
  Floats dx, dbias;
};

Gradient gradient(const Matrices& x, const Floats& z, std::int64_t channels,
                  const EpilogueArguments& epilogue) {
  Gradient g{Floats(z.size()), Floats(static_cast<std::size_t>(channels))};
  testing::Scratch scratch(gemm_epilogue_grad_scratch_bytes(x.shape));
  gemm_epilogue_grad({g.dx.data(), g.dbias.data(), z.data(), channels, epilogue}, x.a.data(),
                     x.b.data(), x.shape, scratch.data());
  return g;
}

// Of the sums over dx's rows, relative to the sums of magnitudes.
double largest_sum_error(const Floats& sums, const Floats& dx) {
  std::vector<double> expected(sums.size()), magnitudes(sums.size());
  for (std::size_t i = 0; i < dx.size(); ++i) {
    expected[i % sums.size()] += dx[i];
    magnitudes[i % sums.size()] += std::abs(dx[i]);
  }
  double largest = 0;
  for (std::size_t j = 0; j < sums.size(); ++j) {
    const double error = std::abs(sums[j] - expected[j]) / magnitudes[j];
    largest = std::isnan(error) ? 1e9 : std::max(largest, error);
  }
  return largest;
}

Floats dx_after(const Matrices& x, const Floats& z, std::int64_t channels,
                const EpilogueArguments& epilogue) {
  Gradient g{x.multiply(), Floats(static_cast<std::size_t>(channels))};
  const std::int64_t rows = x.shape.m * x.shape.n / channels;
  testing::Scratch scratch(epilogue_grad_scratch_bytes(rows, channels));
  epilogue_grad(g.dx.data(), g.dbias.data(), g.dx.data(), z.data(), rows, channels, epilogue,
                scratch.data());
  return g.dx;
}

}  // namespace

TEST_CASE("gemm_epilogue_grad gives what gemm and epilogue_grad do, on any number of threads") {
  const int before = config::num_threads();
  EpilogueArguments selu{.activation = Activation::selu, .alpha = 1.67f, .scale = 1.05f};
  EpilogueArguments dropped = selu;
  dropped.dropout = true;
  dropped.a = 0.9f;
  dropped.b = 0.1f;
  dropped.c = -1.5f;
  for_each_target([&] {
    for (const auto& [m, n, k, channels] : {std::array{130, 300, 600, 300},
                                            {250, 640, 256, 32},
                                            {33, 12, 5, 3},
                                            {3, 700, 40, 7},
                                            {1100, 6, 4, 2},
                                            {50, 24, 4500, 8}}) {
      for (const EpilogueArguments& epilogue : {selu, dropped}) {
        config::set_num_threads(1);
        const Matrices x({m, n, k, false, true});
        Floats z = normal_floats(m * n, 3);
        for (std::size_t i = 0; i < z.size(); i += 11) z[i] = dropped.c;
        const Gradient one = gradient(x, z, channels, epilogue);
        CHECK(one.dx == dx_after(x, z, channels, epilogue));
        CHECK(largest_sum_error(one.dbias, one.dx) < Tolerance::kFloat32);
        for (const int threads : {2, 3, 5}) {
          config::set_num_threads(threads);
          const Matrices same({m, n, k, false, true});
          CHECK(gradient(same, z, channels, epilogue) == one);
          config::set_num_threads(1);  // planned for more threads than there are
          CHECK(gradient(same, z, channels, epilogue) == one);
          config::set_num_threads(8);  // or for fewer
          CHECK(gradient(same, z, channels, epilogue) == one);
        }
      }
    }
  });
  config::set_num_threads(before);
}
