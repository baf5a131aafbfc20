#include <banach/backend/cpu/depthwise.hpp>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

ConvShape shape(Size2 image, std::int64_t channels, std::int64_t multiplier, Size2 size,
                Size2 strides, Size2 dilation, const char* padding, std::int64_t batch = 2) {
  const Window window = make_window(image, size, strides, dilation, padding);
  return {batch, image.height, image.width, channels, channels * multiplier, channels, window};
}

const ConvShape kCases[] = {
    shape({7, 9}, 8, 1, 3, 1, 1, "same"),       shape({7, 6}, 19, 1, {2, 3}, 2, 1, "same"),
    shape({9, 9}, 5, 3, 3, {2, 1}, 1, "valid"), shape({9, 8}, 33, 1, {3, 2}, 1, {2, 3}, "same"),
    shape({8, 9}, 4, 2, 3, 2, 2, "same"),       shape({3, 3}, 16, 1, {5, 1}, 1, 1, "same"),
    shape({9, 9}, 3, 1, 2, 4, 1, "valid")};

// All three passes of a convolution, and the same by the kernels for any number of groups.
struct Depthwise {
  explicit Depthwise(const ConvShape& s)
      : s(s),
        x(normal_floats(s.batch * s.height * s.width * s.channels, 1)),
        w(normal_floats(s.taps() * s.filters, 2)),
        dy(normal_floats(s.batch * s.output().height * s.output().width * s.filters, 3)) {
    epilogue.bias = w.data();
    epilogue.activation = Activation::relu;
  }

  Floats forward(bool grouped) const {
    Floats y(dy.size(), std::nanf(""));
    Scratch scratch(grouped ? conv_forward_scratch_bytes(s) : depthwise_forward_scratch_bytes(s));
    grouped ? conv_forward(y.data(), x.data(), w.data(), s, epilogue, scratch.data())
            : depthwise_forward(y.data(), x.data(), w.data(), s, epilogue, scratch.data());
    return y;
  }
  Floats input_grad(bool grouped) const {
    Floats dx(x.size(), std::nanf(""));
    Scratch scratch(grouped ? conv_input_grad_scratch_bytes(s)
                            : depthwise_input_grad_scratch_bytes(s));
    grouped ? conv_input_grad(dx.data(), dy.data(), w.data(), s, scratch.data())
            : depthwise_input_grad(dx.data(), dy.data(), w.data(), s, scratch.data());
    return dx;
  }
  Floats kernel_grad(bool grouped) const {
    Floats dw(w.size(), std::nanf(""));
    Scratch scratch(grouped ? conv_kernel_grad_scratch_bytes(s)
                            : depthwise_kernel_grad_scratch_bytes(s));
    grouped ? conv_kernel_grad(dw.data(), x.data(), dy.data(), s, scratch.data())
            : depthwise_kernel_grad(dw.data(), x.data(), dy.data(), s, scratch.data());
    return dw;
  }

  ConvShape s;
  Floats x, w, dy;
  EpilogueArguments epilogue;
};

}  // namespace

TEST_CASE("depthwise convolutions are convolutions of one channel a group") {
  for_each_target([] {
    for (const ConvShape& s : kCases) {
      CAPTURE(s.window.str());
      CAPTURE(s.channels);
      const Depthwise k(s);
      CHECK(largest_error(k.forward(false), k.forward(true)) < 1e-5);
      CHECK(largest_error(k.input_grad(false), k.input_grad(true)) < 1e-5);
      CHECK(largest_error(k.kernel_grad(false), k.kernel_grad(true)) < 1e-5);
    }
  });
}

TEST_CASE("depthwise convolutions' bits do not depend on the number of threads") {
  const Depthwise k(shape({30, 30}, 24, 2, 3, 1, 1, "same", 20));
  check_threads([&] { return k.forward(false); });
  check_threads([&] { return k.input_grad(false); });
  check_threads([&] { return k.kernel_grad(false); });
}
