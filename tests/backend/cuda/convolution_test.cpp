// Convolutions where the shared cases are too small: tiles that end within the image,
// slices of pixels, aligned runs, cuDNN and what it does not take.
#include <banach/ops/convolution.hpp>
#include <banach/snn/selu.hpp>
#include <doctest/doctest.h>
#include <tests/backend/cuda/halves.hpp>
#include <tests/backend/cuda/new_process.hpp>
#include <tests/backend/cuda/short_fractions.hpp>
#include <tests/support/check_op.hpp>

using namespace banach;
using namespace banach::testing;

namespace {

struct Case {
  std::int64_t batch;
  Size2 image, kernel, strides, dilation;
  std::int64_t channels, filters, groups;
  const char* padding = "valid";
  const char* implementation = "cuda";
};

// Convolutions, then their gradients by input and kernel, of a fixed dy.
Tape conv_tape(const Case& c, DType dtype) {
  const Window window = make_window(c.image, c.kernel, c.strides, c.dilation, c.padding);
  const Size2 out = window.output(c.image);
  const Shape x{c.batch, c.image.height, c.image.width, c.channels};
  const Shape w{c.kernel.height, c.kernel.width, c.channels / c.groups, c.filters};
  Tape tape;
  const Tape::Scope scope(tape);
  tape.input("x", x, dtype);
  tape.input("w", w, dtype);
  tape.input("dy", Shape{c.batch, out.height, out.width, c.filters}, dtype);
  const Tensors in = tape.inputs;
  tape.outputs = {make_node<Conv2DOp>({in[0], in[1]}, window, c.groups),
                  make_node<Conv2DInputGradOp>({in[2], in[1]}, window, c.groups, x),
                  make_node<Conv2DKernelGradOp>({in[0], in[2]}, window, c.groups, w)};
  return tape;
}

Tape fused_tape(const Case& c, const Epilogue& epilogue, DType dtype) {
  const Window window = make_window(c.image, c.kernel, c.strides, c.dilation, c.padding);
  Tape tape;
  const Tape::Scope scope(tape);
  tape.input("x", Shape{c.batch, c.image.height, c.image.width, c.channels}, dtype);
  tape.input("w", Shape{c.kernel.height, c.kernel.width, c.channels / c.groups, c.filters}, dtype);
  if (epilogue.bias) tape.input("bias", Shape{c.filters}, dtype);
  Tensors in = tape.inputs;
  if (epilogue.alpha_dropout) in.push_back(constant(Array::full({}, 7, int64)));
  tape.outputs = {make_node<Conv2DOp>(in, window, c.groups, epilogue)};
  return tape;
}

std::vector<Array> values(const Tape& tape) {
  OpCase filled;
  for (const Tensor& input : tape.inputs) filled.inputs.push_back({input.shape()});
  return case_inputs(filled, 1234);
}

void check_tape(const Tape& tape, const Tape& exact, const std::vector<Array>& inputs,
                double tolerance) {
  const auto got = run_tape(tape, inputs, get_backend("cuda:0"));
  const auto expected = run_tape(exact, inputs, get_backend("reference"));
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO("output ", i, " in ", name_of(tape.inputs[0].dtype()));
    CHECK(relative_difference(got[i], expected[i]) <= tolerance);
  }
}

// make(dtype) in every type against the reference in float64.
template <class Make>
void check_types(const Make& make) {
  const Tape exact = make(float64);
  const auto inputs = values(exact);
  check_tape(exact, exact, inputs, Tolerance::kFloat64);
  check_tape(make(float32), exact, inputs, Tolerance::kFloat32);
  for (const auto& [half, tolerance] : kHalves) {
    std::vector<Array> rounded;
    for (const Array& x : inputs) rounded.push_back(x.astype(half).astype(float64));
    check_tape(make(half), exact, rounded, tolerance);
  }
}

// Of the product, of x' gradient or of w's: outputs 0, 1 and 2.
std::string implementation(const Case& c, DType dtype, std::size_t output = 0) {
  const Tape tape = conv_tape(c, dtype);
  const Node& node = tape.outputs[output].node();
  return get_backend("cuda:0")->find(node)->prepare(node).implementation;
}

const Case kCases[] = {{1, {12, 13}, {3, 3}, 1, 1, 1, 32, 1},         // the tutorial's first layer
                       {3, {9, 31}, {3, 3}, 1, 1, 3, 33, 1, "same"},  // tiles that end within
                       {2, {11, 7}, {5, 5}, {2, 3}, 1, 4, 70, 1, "same"},  // runs, strides
                       {2, {7, 9}, {3, 2}, 1, {2, 3}, 32, 48, 2},          // groups that fill tiles
                       {2, {7, 9}, {3, 3}, 2, 1, 6, 12, 6, "same"},        // that do not
                       {2, {6, 7}, {3, 3}, 1, 1, 8, 80, 1, "same"},        // of few channels
                       {2, {6, 7}, {3, 3}, 1, 1, 16, 66, 1, "same", "cudnn"},
                       {2, {9, 7}, {2, 3}, {2, 3}, 1, 18, 65, 1, "valid", "cudnn"},
                       {2, {7, 8}, {1, 1}, 1, 1, 40, 68, 1, "valid", "cudnn"},
                       {1, {4, 4}, {1, 1}, 1, 1, 256, 66, 1, "valid", "cudnn"},
                       {1, {6, 7}, {2, 2}, 1, 1, 16, 72, 1, "same"},  // more padding after
                       {1, {9, 9}, {3, 3}, 1, 2, 16, 72, 1},          // says that it cannot
                       {1, {9, 9}, {3, 3}, 2, 2, 16, 72, 1}};         // says so when it should

}  // namespace

TEST_CASE("convolutions of larger images agree with the reference, values and gradients") {
  for (const Case& c : kCases) {
    CAPTURE(c.channels);
    CAPTURE(c.filters);
    check_types([&](DType dtype) { return conv_tape(c, dtype); });
  }
}

TEST_CASE("epilogues of convolutions, in the same kernel or after it") {
  const Case cases[] = {{2, {8, 9}, {3, 3}, 1, 1, 1, 32, 1},          // a sample ends in a tile
                        {9, {4, 4}, {3, 3}, 1, 1, 2, 7, 1},           // and many samples do
                        {2, {7, 9}, {3, 3}, 1, 1, 3, 50, 1, "same"},  // random bits of two tiles
                        {2, {5, 9}, {3, 3}, 1, 1, 3, 70, 1},          // too many filters
                        {2, {5, 6}, {2, 2}, 1, 1, 4, 4, 4},           // groups
                        {2, {6, 7}, {3, 3}, 1, 1, 16, 66, 1, "valid", "cudnn"}};
  const functions::Parameters selu{snn::kSeluAlpha, snn::kSeluScale};
  const Epilogue epilogues[] = {{.activation = "relu"},
                                {.bias = true,
                                 .activation = "selu",
                                 .parameters = selu,
                                 .alpha_dropout = alpha_dropout_parameters(.25, 42)}};
  for (const Case& c : cases) {
    for (const Epilogue& epilogue : epilogues) {
      CAPTURE(c.filters);
      CAPTURE(epilogue.str());
      check_types([&](DType dtype) { return fused_tape(c, epilogue, dtype); });
    }
  }
}

TEST_CASE("cuDNN works here: a plain convolution is its own") {
  const Case c{2, {7, 8}, {1, 1}, 1, 1, 256, 68, 1};
  for (std::size_t output = 0; output < 3; ++output) {
    CHECK(implementation(c, float32, output) == "cudnn");
    for (const Half& half : kHalves) CHECK(implementation(c, half.dtype, output) == "cudnn");
  }
}

const Case kNarrow{2, {7, 8}, {3, 3}, 1, 1, 32, 64, 1};

// That cuDNN may compute in full float32 what is small is its business.
TEST_CASE("in full float32 narrow convolutions are our own, in TF32 cuDNN's") {
  CHECK(implementation(kNarrow, float32) == "cuda");
  for (const Half& half : kHalves) CHECK(implementation(kNarrow, half.dtype) == "cudnn");
  const ShortFractions tf32;
  CHECK(implementation(kNarrow, float32) == "cudnn");
  const Tape tape = conv_tape(kNarrow, float32), exact = conv_tape(kNarrow, float64);
  std::vector<Array> factors = values(exact);
  for (Array& x : factors) x = positive(x);
  check_tape(tape, exact, factors, Tolerance::kTensorFloat32);
}

// What is found where memory is short, and what later.
TEST_SUITE("child") {
  TEST_CASE("child short of memory" * doctest::skip()) {
    const Case c{1, {16, 16}, {1, 1}, 1, 1, 256, 68, 1};  // 170 KB of half numbers
    const BackendPtr gpu = get_backend("cuda:0");
    {
      const Buffer others = gpu->allocate(gpu->available() - (std::size_t{1} << 16));
      CHECK(implementation(c, float16) == "cuda");
    }
    gpu->synchronize();  // memory is given back in the order of the stream
    CHECK(implementation(c, float16) == "cudnn");
  }
}

// What the emulated cuDNN refuses.
TEST_SUITE("emulated") {
  TEST_CASE("TF32 rounds the factors of convolutions") {
    const ShortFractions tf32;
    const Tape tape = conv_tape(kNarrow, float32), exact = conv_tape(kNarrow, float64);
    const auto inputs = values(exact);
    const Array got = run_tape(tape, inputs, get_backend("cuda:0"))[0],
                expected = run_tape(exact, inputs, get_backend("reference"))[0];
    CHECK(relative_difference(got, expected) > Tolerance::kFloat32);
  }
  TEST_CASE("a convolution that cuDNN had no memory for is tried again") {
    check_in_new_process("child short of memory", {{"BANACH_EMULATED_MEMORY", "4000000"}});
  }
  TEST_CASE("cuDNN does what it can, own kernels the rest") {
    for (const Case& c : kCases) {
      CAPTURE(c.channels);
      CAPTURE(c.filters);
      CHECK(implementation(c, float32) == c.implementation);
      for (std::size_t output = 0; output < 3; ++output) {
        for (const Half& half : kHalves) {
          CHECK(implementation(c, half.dtype, output) == c.implementation);
        }
      }
      CHECK(implementation(c, float64) == "cuda");
    }
  }
}

TEST_CASE("a convolution of no images") {
  const Case c{0, {6, 6}, {3, 3}, 1, 1, 8, 8, 1};
  const auto got =
      run_tape(conv_tape(c, float32), values(conv_tape(c, float64)), get_backend("cuda:0"));
  CHECK(got[0].size() == 0);
  for (const float dw : got[2].values<float>()) CHECK(dw == 0);
}

TEST_CASE("the gradient of a kernel repeats bit for bit") {
  const Tape tape = conv_tape({5, {20, 19}, {3, 3}, 1, 1, 2, 5, 1}, float32);
  const auto inputs = values(tape);
  const auto once = run_tape(tape, inputs, get_backend("cuda:0"));
  const auto again = run_tape(tape, inputs, get_backend("cuda:0"));
  CHECK(relative_difference(once[2], again[2]) == 0);
}
