#include <banach/backend/cpu/convert.hpp>
#include <banach/backend/cpu/gemm_bf16.hpp>
#include <banach/backend/cpu/gemm_tile.hpp>

#include <tests/backend/kernel_support.hpp>
#include <tests/backend/update_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

using Halves = std::vector<BFloat16>;

Halves narrow(const Floats& values) {
  Halves result(values.size());
  convert(result.data(), values.data(), static_cast<std::int64_t>(values.size()));
  return result;
}

Floats widen(const Halves& values) {
  Floats result(values.size());
  convert(result.data(), values.data(), static_cast<std::int64_t>(values.size()));
  return result;
}

struct Product {
  explicit Product(const GemmShape& s)
      : shape(s), a(narrow(normal_floats(s.m * s.k, 1))), b(narrow(normal_floats(s.k * s.n, 2))) {}

  template <class T>
  std::vector<T> multiply(const EpilogueArguments& epilogue = {}) const {
    const bool to_bfloat16 = std::is_same_v<T, BFloat16>;
    std::vector<T> c(static_cast<std::size_t>(shape.m * shape.n), T(std::nanf("")));
    testing::Scratch scratch(gemm_bf16_scratch_bytes(shape, to_bfloat16, !is_empty(epilogue)));
    gemm_bf16(c.data(), a.data(), b.data(), shape, epilogue, scratch.data());
    return c;
  }

  std::vector<double> expected() const {
    std::vector<double> c;
    for (std::int64_t i = 0; i < shape.m; ++i) {
      for (std::int64_t j = 0; j < shape.n; ++j) {
        double sum = 0;
        for (std::int64_t p = 0; p < shape.k; ++p) {
          sum += double{a[shape.transpose_a ? p * shape.m + i : i * shape.k + p]} *
                 double{b[shape.transpose_b ? j * shape.k + p : p * shape.n + j]};
        }
        c.push_back(sum);
      }
    }
    return c;
  }

  GemmShape shape;
  Halves a, b;
};

void check(std::int64_t m, std::int64_t n, std::int64_t k) {
  for (const bool transpose_a : {false, true}) {
    for (const bool transpose_b : {false, true}) {
      INFO(m, " ", n, " ", k, " ", transpose_a, " ", transpose_b);
      const Product x({m, n, k, transpose_a, transpose_b});
      const auto expected = x.expected();
      // products of bfloat16 are exact in float32; so is the rounding of the result
      CHECK(largest_error(x.multiply<float>(), expected) < 1e-5 * std::sqrt(k + 1.0));
      CHECK(largest_error(widen(x.multiply<BFloat16>()), expected) < 0x1p-8);
    }
  }
}

// With each of the instructions that this machine has for it.
template <class F>
void for_each_half_products(const F& f) {
  const HalfProducts best = half_products();
  for (const HalfProducts most : {HalfProducts::avx512, HalfProducts::amx}) {
    if (most > best) continue;  // another machine's: see check_op for the fallback
    limit_half_products(most);
    INFO("instructions ", static_cast<int>(half_products()));
    f();
  }
  limit_half_products(HalfProducts::amx);
}

}  // namespace

TEST_CASE("conversions to and from bfloat16 are those of BFloat16, vector ends included") {
  Floats values = normal_floats(67, 5, 0, 100);
  values[3] = std::nanf("");
  values[4] = HUGE_VALF;
  values[5] = 1.0F + 0x1p-8F;
  for_each_target([&] {
    const Halves halves = narrow(values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      REQUIRE(halves[i].bits() == BFloat16(values[i]).bits());
    }
    const Floats back = widen(halves);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i != 3) REQUIRE(back[i] == float{halves[i]});
    }
  });
}

TEST_CASE("products of bfloat16 are right for every shape around the edges of tiles") {
  for_each_half_products([] {
    for (const std::int64_t m : {1, 2, 7, 8, 9, 16, 17, 32, 33}) {
      for (const std::int64_t n : {1, 3, 15, 16, 17, 32, 47, 48, 49}) {
        for (const std::int64_t k : {1, 2, 3, 4, 7, 8, 9, 31, 32, 33, 64}) check(m, n, k);
      }
    }
    check(49, 400, 515);
    check(97, 130, 1025);
    check(33, 800, 512);
    check(64, 416, 1056);
    check(50, 40, 5003);  // in slices of the sum
    check(20, 130, 9002);
  });
}

TEST_CASE("values outside of a product's matrices do not come into it") {
  for_each_half_products([] {
    const Product x({20, 20, 40});  // tiles reach beyond all of them
    Product y = x;
    y.a.insert(y.a.end(), 4096, BFloat16(std::nanf("")));
    y.b.insert(y.b.end(), 4096, BFloat16(HUGE_VALF));
    CHECK(x.multiply<float>() == y.multiply<float>());
  });
}

TEST_CASE("products of bfloat16 apply the epilogue once, also over several passes") {
  for_each_half_products([] {
    for (const std::int64_t k : {64, 1030, 4500}) {
      const Product x({130, 300, k});
      const Floats bias = normal_floats(300, 3);
      const EpilogueArguments epilogue{.bias = bias.data(), .activation = Activation::relu};
      std::vector<double> expected = x.expected();
      for (std::size_t i = 0; i < expected.size(); ++i) {
        expected[i] = std::max(0.0, expected[i] + double{bias[i % 300]});
      }
      CHECK(largest_error(x.multiply<float>(epilogue), expected) < 1e-3);
      CHECK(largest_error(widen(x.multiply<BFloat16>(epilogue)), expected) < 0x1p-8);
    }
  });
}

TEST_CASE("products of bfloat16 give the same bits on any number of threads") {
  for_each_half_products([] {
    for (const auto& [m, n, k] : {std::array{130, 301, 600},
                                  {1, 301, 3000},
                                  {700, 20, 500},
                                  {8, 9300, 40},
                                  {110, 70, 5003}}) {
      check_threads([&, m = m, n = n, k = k] { return Product({m, n, k}).multiply<float>(); });
      check_threads([&, m = m, n = n, k = k] { return Product({m, n, k}).multiply<BFloat16>(); });
    }
  });
}

namespace {

Weight updated(const Product& x) {
  Weight weight(x.shape.m * x.shape.n);
  testing::Scratch scratch(gemm_bf16_update_scratch_bytes(x.shape));
  gemm_bf16_update({find_update("adam", false), weight.segment(nullptr), kAdam}, x.a.data(),
                   x.b.data(), x.shape, scratch.data());
  return weight;
}

Weight updated_after(const Product& x) {
  Weight weight(x.shape.m * x.shape.n);
  const Floats gradient = x.multiply<float>();
  update(find_update("adam", false), std::array{weight.segment(gradient.data())}, kAdam);
  return weight;
}

}  // namespace

TEST_CASE("gemm_bf16_update gives the bits of gemm_bf16 and update, on any number of threads") {
  for_each_half_products([] {
    for (const auto& size :
         {std::array{130, 301, 250}, {1300, 64, 128}, {20, 3100, 33}, {7, 5, 3}}) {
      for (const bool transpose : {false, true}) {
        const auto product = [&] {
          return Product({size[0], size[1], size[2], transpose, !transpose});
        };
        const Product x = product();
        REQUIRE(has_one_bf16_pass(x.shape));
        const Weight expected = updated_after(x);
        check_threads([&] {
          const Weight weight = updated(product());
          CHECK(weight == expected);
          return weight.w;
        });
      }
    }
  });
}
