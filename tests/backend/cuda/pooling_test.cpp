// Pooling and its gradients, where windows overlap, leave gaps, and meet padding.
#include <banach/ops/pooling.hpp>
#include <doctest/doctest.h>
#include <tests/support/check_op.hpp>
#include <tests/support/tolerance.hpp>

using namespace banach;
using namespace banach::testing;

namespace {

struct Case {
  Shape x;
  Size2 size, strides;
  const char* padding = "valid";
};

// Both kinds, then the gradients of a fixed dy.
Tape pool_tape(const Case& c, DType dtype) {
  const Window window = make_window({c.x[1], c.x[2]}, c.size, c.strides, 1, c.padding);
  const Size2 out = window.output({c.x[1], c.x[2]});
  Tape tape;
  const Tape::Scope scope(tape);
  const Tensor x = tape.input("x", c.x, dtype);
  const Tensor dy = tape.input("dy", Shape{c.x[0], out.height, out.width, c.x[3]}, dtype);
  tape.outputs = {make_node<Pool2DOp>({x}, Pooling::max, window),
                  make_node<Pool2DOp>({x}, Pooling::average, window),
                  make_node<Pool2DGradOp>({dy, x}, Pooling::max, window, c.x),
                  make_node<Pool2DGradOp>({dy}, Pooling::average, window, c.x)};
  return tape;
}

void check_pool(const Case& c, Fill fill) {
  const Tape exact = pool_tape(c, float64);
  OpCase filled;
  filled.inputs = {{exact.inputs[0].shape(), fill}, {exact.inputs[1].shape()}};
  const std::pair<DType, double> types[] = {{float64, Tolerance::kFloat64},
                                            {float32, Tolerance::kFloat32},
                                            {bfloat16, Tolerance::kBfloat16},
                                            {float16, Tolerance::kFloat16}};
  for (const auto& [dtype, tolerance] : types) {
    auto inputs = case_inputs(filled, 1234);
    for (Array& x : inputs) x = x.astype(dtype).astype(float64);
    const auto expected = run_tape(exact, inputs, get_backend("reference"));
    const auto got = run_tape(pool_tape(c, dtype), inputs, get_backend("cuda:0"));
    for (std::size_t i = 0; i < got.size(); ++i) {
      INFO("output ", i, " in ", name_of(dtype));
      CHECK(relative_difference(got[i], expected[i]) <= tolerance);
    }
  }
}

}  // namespace

TEST_CASE("pooling agrees with the reference, values and gradients") {
  const Case cases[] = {{{3, 26, 26, 32}, 2, 2},        // the tutorial's, three of its images
                        {{2, 9, 11, 5}, 3, 1, "same"},  // windows that overlap
                        {{2, 9, 11, 3}, 3, 2, "same"},
                        {{1, 13, 7, 33}, 2, 3},  // gaps between windows
                        {{2, 7, 9, 3}, 2, 2},    // what is left of an image
                        {{2, 8, 9, 4}, {3, 2}, {3, 2}, "same"},
                        {{2, 7, 8, 1}, {3, 5}, {2, 3}, "same"},
                        {{0, 4, 4, 2}, 2, 2}};
  for (const Case& c : cases) {
    CAPTURE(c.x.str());
    check_pool(c, Fill::distinct);
    check_pool(c, Fill::labels);  // the first of equal maxima
  }
}
