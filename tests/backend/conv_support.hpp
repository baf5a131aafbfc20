#pragma once

// What the tests of convolutions share.

#include <banach/backend/cpu/conv.hpp>
#include <tests/backend/kernel_support.hpp>

namespace banach::testing {

using cpu::ConvShape, cpu::EpilogueArguments;

/// All three passes of one convolution, and the pairs of values that they are sums of.
struct Convolution {
  explicit Convolution(const ConvShape& s)
      : s(s),
        out(s.output()),
        x(random_floats(s.batch * s.height * s.width * s.channels, 1)),
        w(random_floats(s.taps() * s.group_channels() * s.filters, 2)),
        dy(random_floats(s.batch * out.height * out.width * s.filters, 3)) {}

  /// Calls body(index in x, index in w, index in y) for every product.
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
    Scratch scratch(cpu::conv_forward_scratch_bytes(s));
    cpu::conv_forward(y.data(), x.data(), w.data(), s, epilogue, scratch.data());
    return y;
  }
  Floats input_grad() const {
    Floats dx(x.size(), std::nanf(""));
    Scratch scratch(cpu::conv_input_grad_scratch_bytes(s));
    cpu::conv_input_grad(dx.data(), dy.data(), w.data(), s, scratch.data());
    return dx;
  }
  Floats kernel_grad() const {
    Floats dw(w.size(), std::nanf(""));
    Scratch scratch(cpu::conv_kernel_grad_scratch_bytes(s));
    cpu::conv_kernel_grad(dw.data(), x.data(), dy.data(), s, scratch.data());
    return dw;
  }

  ConvShape s;
  Size2 out;
  Floats x, w, dy;
};

/// What all passes should give.
struct Expected {
  explicit Expected(const Convolution& k) : y(k.dy.size()), dx(k.x.size()), dw(k.w.size()) {
    k.for_each_product([&](std::size_t ix, std::size_t iw, std::size_t iy) {
      y[iy] += double{k.x[ix]} * k.w[iw];
      dx[ix] += double{k.dy[iy]} * k.w[iw];
      dw[iw] += double{k.dy[iy]} * k.x[ix];
    });
  }
  std::vector<double> y, dx, dw;
};

inline ConvShape shape(std::int64_t batch, Size2 image, std::int64_t channels, std::int64_t filters,
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

/// Checks that all passes give the same bits, however many threads they are planned for or run on.
inline void check_any_threads(ConvShape s) {
  const int before = config::num_threads();
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
  config::set_num_threads(before);
}

}  // namespace banach::testing
