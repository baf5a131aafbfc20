#include <banach/backend/cpu/winograd.hpp>
#include <tests/backend/conv_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

void check(const ConvShape& s) {
  CAPTURE(s.window.str());
  CAPTURE(s.batch);
  CAPTURE(s.height);
  CAPTURE(s.width);
  CAPTURE(s.channels);
  CAPTURE(s.filters);
  CAPTURE(s.groups);
  const Convolution k(s);
  const Expected expected(k);
  CHECK(largest_error(k.forward(), expected.y) < 2e-5);
  CHECK(largest_error(k.input_grad(), expected.dx) < 2e-5);
  CHECK(largest_error(k.kernel_grad(), expected.dw) < 1e-4);
}

// Kernels of 3 x 3 by their sums too where Winograd's algorithm would be taken.
void check_both(const ConvShape& s) {
  check(s);
  if (!use_winograd(s)) return;
  choose_winograd(Winograd::never);
  check(s);
  choose_winograd(Winograd::where_faster);
}

}  // namespace

TEST_CASE("convolutions are right for every window") {
  for_each_target([] {
    for (const std::string padding : {"valid", "same"}) {
      for (const Size2 size : {Size2(1), Size2(3), Size2(2, 3), Size2(5, 1)}) {
        for (const Size2 strides : {Size2(1), Size2(2), Size2(3, 1), Size2(1, 4)}) {
          check_both(shape(2, {11, 9}, 3, 5, size, strides, 1, padding));
          check_both(shape(1, {12, 7}, 1, 17, size, strides, 1, padding));
        }
        for (const Size2 dilation : {Size2(2), Size2(1, 3)}) {
          check_both(shape(2, {13, 10}, 4, 9, size, 1, dilation, padding));
        }
        check_both(shape(2, {13, 10}, 2, 3, size, 3, 2, padding));
      }
    }
  });
}

TEST_CASE("convolutions are right in groups") {
  for_each_target([] {
    for (const std::int64_t groups : {2, 3, 6}) {
      check_both(shape(2, {7, 8}, 6, 12, 3, 1, 1, "same", groups));
      check_both(shape(2, {7, 8}, 6, 18, {3, 2}, 2, 1, "valid", groups));
    }
    check_both(shape(1, {5, 5}, 40, 40, 3, 1, 1, "same", 40));
  });
}

TEST_CASE("convolutions are right for many channels, filters and pixels") {
  for_each_target([] {
    check_both(shape(1, {5, 6}, 400, 35, 3, 1, 1, "same"));
    check_both(shape(2, {4, 4}, 37, 330, 2));
    check_both(shape(40, {28, 28}, 1, 32, 3));
    check_both(shape(3, {26, 26}, 32, 64, 3));
    check_both(shape(1, {3, 700}, 2, 3, {2, 5}));
  });
}

TEST_CASE("convolutions are right with any padding") {
  for (const auto& [before, after] : {std::array{3, 0}, {0, 3}, {1, 2}, {5, 5}}) {
    ConvShape s{2, 6, 7, 3, 4, 1, {3, 2, 1, before, after}};
    check_both(s);
    s.window = {3, 1, 2, {before, 0}, {after, 1}};
    check_both(s);
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
  check_any_threads(shape(9, {14, 14}, 8, 24, 3, 1, 1, "same"));
  check_any_threads(shape(30, {28, 28}, 1, 32, 3));
  check_any_threads(shape(2, {9, 9}, 64, 48, 3, 2));
}
