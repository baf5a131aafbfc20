#include <banach/backend/cpu/conv.hpp>
#include <banach/backend/cpu/gemm.hpp>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <doctest/doctest.h>
#include <random>
#include <tests/support/targets.hpp>
#include <vector>

using namespace banach;
using namespace banach::cpu;
using banach::testing::for_each_target;

namespace {

using Floats = std::vector<float>;

Floats random_floats(std::int64_t size, std::uint32_t seed) {
  std::mt19937 engine(seed);
  Floats values(static_cast<std::size_t>(size));
  for (float& v : values) v = static_cast<float>(static_cast<int>(engine() % 2001) - 1000) / 1000;
  return values;
}

// Scratch full of NaN: a kernel that reads what it has not written shows it.
struct DirtyScratch {
  explicit DirtyScratch(std::size_t bytes)
      : data(static_cast<std::byte*>(std::aligned_alloc(64, bytes / 64 * 64 + 64))) {
    std::memset(data, 0xFF, bytes);
  }
  ~DirtyScratch() { std::free(data); }
  std::byte* data;
};

// All three passes of one convolution, and the same by loops over every pair of values.
struct Convolution {
  explicit Convolution(const ConvShape& s)
      : s(s),
        out(s.output()),
        x(random_floats(s.batch * s.height * s.width * s.channels, 1)),
        w(random_floats(s.taps() * s.group_channels() * s.filters, 2)),
        dy(random_floats(s.batch * out.height * out.width * s.filters, 3)) {}

  // Calls body(index in x, index in w, index in y) for every product.
  template <class Body>
  void for_each_product(const Body& body) const {
    const Window& v = s.window;
    const std::int64_t cg = s.group_channels(), fg = s.group_filters();
    for (std::int64_t pixel = 0; pixel < s.batch * out.height * out.width; ++pixel) {
      const std::int64_t n = pixel / (out.height * out.width);
      const std::int64_t oy = pixel / out.width % out.height, ox = pixel % out.width;
      for (std::int64_t tap = 0; tap < s.taps(); ++tap) {
        const std::int64_t iy =
            oy * v.strides.height - v.before.height + tap / v.size.width * v.dilation.height;
        const std::int64_t ix =
            ox * v.strides.width - v.before.width + tap % v.size.width * v.dilation.width;
        if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) continue;
        const std::int64_t at_x = ((n * s.height + iy) * s.width + ix) * s.channels;
        for (std::int64_t f = 0; f < s.filters; ++f) {
          for (std::int64_t c = 0; c < cg; ++c) {
            body(static_cast<std::size_t>(at_x + f / fg * cg + c),
                 static_cast<std::size_t>((tap * cg + c) * s.filters + f),
                 static_cast<std::size_t>(pixel * s.filters + f));
          }
        }
      }
    }
  }

  Floats forward(const EpilogueArguments& epilogue = {}) const {
    Floats y(dy.size(), std::nanf(""));
    DirtyScratch scratch(conv_forward_scratch_bytes(s));
    conv_forward(y.data(), x.data(), w.data(), s, epilogue, scratch.data);
    return y;
  }
  Floats input_grad() const {
    Floats dx(x.size(), std::nanf(""));
    DirtyScratch scratch(conv_input_grad_scratch_bytes(s));
    conv_input_grad(dx.data(), dy.data(), w.data(), s, scratch.data);
    return dx;
  }
  Floats kernel_grad() const {
    Floats dw(w.size(), std::nanf(""));
    DirtyScratch scratch(conv_kernel_grad_scratch_bytes(s));
    conv_kernel_grad(dw.data(), x.data(), dy.data(), s, scratch.data);
    return dw;
  }

  ConvShape s;
  Size2 out;
  Floats x, w, dy;
};

double largest_error(const Floats& values, const std::vector<double>& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double error = std::abs(values[i] - expected[i]) / (1 + std::abs(expected[i]));
    largest = std::isnan(error) ? 1e9 : std::max(largest, error);
  }
  return largest;
}

void check(const ConvShape& s) {
  CAPTURE(s.window.str());
  CAPTURE(s.batch);
  CAPTURE(s.height);
  CAPTURE(s.width);
  CAPTURE(s.channels);
  CAPTURE(s.filters);
  CAPTURE(s.groups);
  const Convolution k(s);
  std::vector<double> y(k.dy.size()), dx(k.x.size()), dw(k.w.size());
  k.for_each_product([&](std::size_t ix, std::size_t iw, std::size_t iy) {
    y[iy] += double{k.x[ix]} * k.w[iw];
    dx[ix] += double{k.dy[iy]} * k.w[iw];
    dw[iw] += double{k.dy[iy]} * k.x[ix];
  });
  CHECK(largest_error(k.forward(), y) < 2e-5);
  CHECK(largest_error(k.input_grad(), dx) < 2e-5);
  CHECK(largest_error(k.kernel_grad(), dw) < 1e-4);
}

ConvShape shape(std::int64_t batch, Size2 image, std::int64_t channels, std::int64_t filters,
                Size2 size, Size2 strides = 1, Size2 dilation = 1,
                const std::string& padding = "valid", std::int64_t groups = 1) {
  return {batch,
          image.height,
          image.width,
          channels,
          filters,
          groups,
          make_window(image, size, strides, dilation, padding)};
}

}  // namespace

TEST_CASE("convolutions are right for every window") {
  for_each_target([] {
    for (const std::string padding : {"valid", "same"}) {
      for (const Size2 size : {Size2(1), Size2(3), Size2(2, 3), Size2(5, 1)}) {
        for (const Size2 strides : {Size2(1), Size2(2), Size2(3, 1), Size2(1, 4)}) {
          check(shape(2, {11, 9}, 3, 5, size, strides, 1, padding));
          check(shape(1, {12, 7}, 1, 17, size, strides, 1, padding));
        }
        for (const Size2 dilation : {Size2(2), Size2(1, 3)}) {
          check(shape(2, {13, 10}, 4, 9, size, 1, dilation, padding));
        }
        check(shape(2, {13, 10}, 2, 3, size, 3, 2, padding));
      }
    }
  });
}

TEST_CASE("convolutions are right in groups") {
  for_each_target([] {
    for (const std::int64_t groups : {2, 3, 6}) {
      check(shape(2, {7, 8}, 6, 12, 3, 1, 1, "same", groups));
      check(shape(2, {7, 8}, 6, 18, {3, 2}, 2, 1, "valid", groups));
    }
    check(shape(1, {5, 5}, 40, 40, 3, 1, 1, "same", 40));
  });
}

TEST_CASE("convolutions are right for many channels, filters and pixels") {
  for_each_target([] {
    check(shape(1, {5, 6}, 400, 35, 3, 1, 1, "same"));
    check(shape(2, {4, 4}, 37, 330, 2));
    check(shape(40, {28, 28}, 1, 32, 3));
    check(shape(3, {26, 26}, 32, 64, 3));
    check(shape(1, {3, 700}, 2, 3, {2, 5}));
  });
}

TEST_CASE("convolutions are right with any padding") {
  for (const auto& [before, after] : {std::array{3, 0}, {0, 3}, {1, 2}, {5, 5}}) {
    ConvShape s{2, 6, 7, 3, 4, 1, {3, 2, 1, before, after}};
    check(s);
    s.window = {3, 1, 2, {before, 0}, {after, 1}};
    check(s);
  }
}

TEST_CASE("conv_forward applies the epilogue once to every element") {
  const Convolution k(shape(5, {17, 13}, 3, 20, 3, 1, 1, "same"));
  const Floats bias = random_floats(20, 4);
  Floats expected = k.forward();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expected[i] = std::max(0.0F, expected[i] + bias[i % 20]);
  }
  EpilogueArguments epilogue{.bias = bias.data(), .activation = Activation::relu};
  epilogue.rows_per_sample = k.out.height * k.out.width;
  CHECK(k.forward(epilogue) == expected);
}

TEST_CASE("convolutions give the same bits on any number of threads") {
  const int before = config::num_threads();
  const auto cases = {shape(9, {14, 14}, 8, 24, 3, 1, 1, "same"), shape(30, {28, 28}, 1, 32, 3),
                      shape(2, {9, 9}, 64, 48, 3, 2)};
  for (ConvShape s : cases) {
    config::set_num_threads(1);
    s.threads = 1;
    const Convolution one(s);
    for (const int threads : {2, 3, 8}) {
      s.threads = threads;
      for (const int running : {threads, 1, 8}) {
        config::set_num_threads(running);
        const Convolution k(s);
        CHECK(k.forward() == one.forward());
        CHECK(k.input_grad() == one.input_grad());
        CHECK(k.kernel_grad() == one.kernel_grad());
      }
    }
  }
  config::set_num_threads(before);
}
