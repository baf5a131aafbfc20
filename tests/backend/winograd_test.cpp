#include <banach/backend/backend.hpp>
#include <banach/backend/cpu/winograd.hpp>
#include <banach/graph/tape.hpp>
#include <banach/ops/convolution.hpp>
#include <banach/ops/dropout.hpp>
#include <banach/ops/gradient.hpp>
#include <banach/ops/reduce.hpp>
#include <tests/backend/conv_support.hpp>
#include <tests/support/tolerance.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

// Takes a way of convolving until the end of the scope.
struct Choice {
  explicit Choice(Winograd choice) { choose_winograd(choice); }
  ~Choice() { choose_winograd(Winograd::where_faster); }
};

ConvShape square(std::int64_t batch, Size2 image, std::int64_t channels, std::int64_t filters,
                 const std::string& padding = "valid") {
  return shape(batch, image, channels, filters, 3, 1, 1, padding);
}

// Largest error over the largest value, at least 1: a sum's error is that of the whole tile's.
double relative_error(const Floats& values, const std::vector<double>& expected) {
  double largest = 0, scale = 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double error = std::abs(values[i] - expected[i]);
    largest = std::max(largest, std::isnan(error) ? HUGE_VAL : error);
    scale = std::max(scale, std::abs(expected[i]));
  }
  return largest / scale;
}

// Largest error over the sum of the magnitudes that were added.
double summed_error(const Floats& values, const std::vector<double>& expected,
                    const Floats& magnitudes) {
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double error = std::abs(values[i] - expected[i]);
    if (error == 0) continue;
    largest = std::max(largest, std::isnan(error) ? HUGE_VAL : error / magnitudes[i]);
  }
  return largest;
}

struct Errors {
  double y, dx, dw;
};

Errors errors_of(const Convolution& k, const Expected& expected, Winograd way) {
  Convolution magnitudes = k;
  for (Floats* values : {&magnitudes.x, &magnitudes.w, &magnitudes.dy}) {
    for (float& v : *values) v = std::abs(v);
  }
  choose_winograd(Winograd::never);
  const Floats y = magnitudes.forward(), dx = magnitudes.input_grad();
  const Floats dw = magnitudes.kernel_grad();
  const Choice choice(way);
  return {summed_error(k.forward(), expected.y, y), summed_error(k.input_grad(), expected.dx, dx),
          summed_error(k.kernel_grad(), expected.dw, dw)};
}

void check(const ConvShape& s) {
  CAPTURE(s.window.str());
  CAPTURE(s.batch);
  CAPTURE(s.height);
  CAPTURE(s.width);
  CAPTURE(s.channels);
  CAPTURE(s.filters);
  const Choice choice(Winograd::always);
  REQUIRE(use_winograd(s));
  const Convolution k(s);
  const Expected expected(k);
  CHECK(relative_error(k.forward(), expected.y) < Tolerance::kFloat32);
  CHECK(relative_error(k.input_grad(), expected.dx) < Tolerance::kFloat32);
  CHECK(relative_error(k.kernel_grad(), expected.dw) < Tolerance::kFloat32);
}

}  // namespace

TEST_CASE("Winograd's algorithm convolves images of any size") {
  for_each_target([] {
    for (const std::string padding : {"valid", "same"}) {
      for (const Size2 image : {Size2(3), Size2(4, 5), Size2(7, 6), Size2(11, 8)}) {
        check(square(1, image, 5, 7, padding));
        check(square(3, image, 17, 33, padding));
      }
    }
    check(square(2, 1, 4, 3, "same"));
    check(square(2, {1, 2}, 3, 4, "same"));
  });
}

TEST_CASE("Winograd's algorithm takes channels and filters beside whole vectors and panels") {
  for_each_target([] {
    for (const std::int64_t channels : {1, 16, 31, 64}) {
      for (const std::int64_t filters : {1, 8, 17, 48, 100}) {
        check(square(1, {5, 6}, channels, filters, "same"));
      }
    }
  });
}

TEST_CASE("Winograd's algorithm pads by any number it takes") {
  for (const std::int64_t before : {0, 1, 2}) {
    for (const std::int64_t after : {0, 1, 2, 5}) {
      check({2, 6, 7, 3, 4, 1, {3, 1, 1, before, after}});
      check({1, 7, 6, 3, 4, 1, {3, 1, 1, {before, 0}, {after, 1}}});
    }
  }
}

TEST_CASE("Winograd's algorithm works in chunks of rows, samples, columns and channels") {
  for_each_target([] {
    check(square(40, 4, 20, 24, "same"));  // several samples
    check(square(2, 26, 32, 64));          // several rows
    check(square(1, {5, 301}, 40, 50));    // a part of a row
    check(square(1, {4, 5}, 700, 35));     // two passes over the result
    check(square(3, {9, 8}, 260, 40));     // channels of dw in parts
  });
}

TEST_CASE("Winograd's algorithm is about as exact as the sums it saves") {
  for (const ConvShape& s :
       {square(1, {14, 13}, 32, 64, "same"), square(1, {14, 13}, 256, 256, "same")}) {
    const Convolution k(s);
    const Expected expected(k);
    const Errors direct = errors_of(k, expected, Winograd::never);
    const Errors errors = errors_of(k, expected, Winograd::always);
    CAPTURE(s.channels);
    CHECK(errors.y < 4 * direct.y);
    CHECK(errors.dx < 4 * direct.dx);
    CHECK(errors.dw < 4 * direct.dw);
  }
}

TEST_CASE("Winograd's algorithm gives the same bits on any number of threads") {
  const Choice choice(Winograd::always);
  check_any_threads(square(9, {13, 14}, 8, 24, "same"));
  check_any_threads(square(1, 60, 17, 33));
  check_any_threads(square(2, {5, 301}, 40, 50));
  check_any_threads(square(2, 9, 130, 20));
}

TEST_CASE("Winograd's algorithm drops what direct convolution drops") {
  const Convolution k(square(5, {17, 13}, 16, 20, "same"));
  const Floats bias = random_floats(20, 4);
  const std::int64_t step = 3;
  EpilogueArguments e{.bias = bias.data(), .activation = Activation::relu, .dropout = true};
  e.threshold = dropout_threshold(0.25);
  e.a = 2;
  e.b = 1;
  e.c = -5;  // no other value
  e.key = {7, 11};
  e.step = &step;
  e.rows_per_sample = k.out.height * k.out.width;
  const auto results = [&](Winograd way) {
    const Choice choice(way);
    return std::pair{k.forward(), k.forward(e)};
  };
  const auto [plain, finished] = results(Winograd::always);
  const Floats direct = results(Winograd::never).second;
  std::size_t dropped = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const bool drops = direct[i] == e.c;
    const float kept = std::max(0.0F, plain[i] + bias[i % 20]) * e.a + e.b;
    REQUIRE(finished[i] == (drops ? e.c : kept));
    dropped += drops ? 1 : 0;
  }
  CHECK(dropped > plain.size() / 5);
  CHECK(dropped < plain.size() / 3);
}

TEST_CASE("Winograd's algorithm rounds to bfloat16 at the end, and reads gradients of it") {
  const Choice choice(Winograd::always);
  Convolution k(square(3, {9, 10}, 17, 33));
  std::vector<BFloat16> y(k.dy.size()), rounded, dy;
  Scratch forward(conv_forward_scratch_bytes(k.s, bfloat16));
  conv_forward(y.data(), k.x.data(), k.w.data(), k.s, {}, forward.data());
  for (const float v : k.forward()) rounded.push_back(static_cast<BFloat16>(v));
  CHECK(std::memcmp(y.data(), rounded.data(), y.size() * sizeof y[0]) == 0);

  for (float& v : k.dy) {
    dy.push_back(static_cast<BFloat16>(v));
    v = static_cast<float>(dy.back());
  }
  Floats dw(k.w.size());
  Scratch gradient(conv_kernel_grad_scratch_bytes(k.s, bfloat16));
  conv_kernel_grad(dw.data(), k.x.data(), dy.data(), k.s, gradient.data());
  CHECK(dw == k.kernel_grad());
}

TEST_CASE("Winograd's algorithm is taken where it saves time, and can be forbidden") {
  CHECK(use_winograd(square(128, 26, 32, 64)));
  CHECK(use_winograd(square(1, {56, 55}, 16, 16, "same")));
  CHECK_FALSE(use_winograd(square(32, 28, 8, 16)));  // transforms cost more than they save
  CHECK_FALSE(use_winograd(square(128, 28, 1, 32)));
  CHECK_FALSE(use_winograd(square(1, 5, 256, 256)));  // the kernel's alone does
  CHECK_FALSE(use_winograd(square(128, 3, 64, 64)));  // 16 products for 9
  CHECK(conv_implementation(square(128, 26, 32, 64)).starts_with("winograd:"));
  CHECK(conv_implementation(square(128, 28, 1, 32)).starts_with("gemm:"));
  {
    const Choice choice(Winograd::never);
    CHECK_FALSE(use_winograd(square(128, 26, 32, 64)));
  }
  const Choice choice(Winograd::always);
  CHECK(use_winograd(square(1, 5, 1, 1)));
  CHECK_FALSE(use_winograd(shape(128, 26, 32, 64, 3, 2)));
  CHECK_FALSE(use_winograd(shape(128, 26, 32, 64, 3, 1, 2)));
  CHECK_FALSE(use_winograd(shape(128, 26, 32, 64, {3, 1})));
  CHECK_FALSE(use_winograd(shape(128, 26, 32, 64, 3, 1, 1, "valid", 2)));
  CHECK_FALSE(use_winograd({2, 6, 7, 3, 4, 1, {3, 1, 1, 3, 0}}));
}

TEST_CASE("the kernels of a convolution say that they are Winograd's") {
  Tape tape;
  const Tape::Scope scope(tape);
  const Tensor x = tape.input("x", {8, 26, 26, 32}), w = tape.input("w", {3, 3, 32, 64});
  const Tensor y = ops::conv2d(x, w, make_window(26, 3, 1, 1, "valid"));
  Tensors made = gradients(ops::sum(y), {x, w});
  made.push_back(y);
  for (const Tensor& tensor : made) {
    const Node& node = tensor.node();
    CAPTURE(node.op->name());
    const Prepared prepared = get_backend("cpu")->find(node)->prepare(node);
    CHECK(prepared.implementation.starts_with("winograd:"));
  }
}
