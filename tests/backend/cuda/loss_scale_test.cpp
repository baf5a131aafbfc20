#include <banach/graph/tape.hpp>
#include <banach/ops/loss_scale.hpp>
#include <banach/runtime/fuse.hpp>
#include <banach/runtime/program.hpp>
#include <doctest/doctest.h>

#include <cmath>

using namespace banach;

namespace {

using Specs = std::vector<TensorSpec>;
constexpr std::int64_t kGrowthSteps = 3;

// A loss scale in variables, as an optimizer has it, and the program of its step, run again and
// again.
class Scaled {
 public:
  explicit Scaled(const Specs& gradients, const char* backend = "cuda:0")
      : program_(make_program(gradients, get_backend(backend))) {}

  /// What the step gives to multiply such gradients with.
  double step(const std::vector<Array>& gradients) {
    for (std::size_t i = 0; i < gradients.size(); ++i) context_->set_input(i, gradients[i]);
    context_->run();
    return context_->get_output(0).flat(0);
  }
  double scale() const { return scale_.value().flat(0); }
  double steps() const { return steps_.value().flat(0); }

 private:
  std::shared_ptr<const Program> make_program(const Specs& gradients,
                                              const BackendPtr& backend) const {
    Tape tape;
    const Tape::Scope scope(tape);
    Tensors inputs = {scale_, steps_};
    for (const TensorSpec& g : gradients) inputs.push_back(tape.input("g", g.shape, g.dtype));
    const Tensors next = add_node(std::make_shared<LossScaleOp>(kGrowthSteps), inputs);
    scale_.assign(next[1]);
    steps_.assign(next[2]);
    tape.outputs = {next[0]};
    return std::make_shared<Program>(lower(tape, *backend), backend);
  }

  const Variable scale_ = Variable("scale", Array::full({}, 8));
  const Variable steps_ = Variable("steps", Array::full({}, 0, int64));
  const std::shared_ptr<const Program> program_;
  const ContextLease context_ = program_->lease();
};

// Near the largest that each type has.
std::vector<Array> finite(const Specs& specs) {
  std::vector<Array> gradients;
  for (const auto& [shape, dtype] : specs) {
    const double large = dtype == float64 ? 1e308 : dtype == float16 ? -65504 : 3e38;
    gradients.push_back(Array::full(shape, large, dtype));
  }
  return gradients;
}

// The same but for one element.
std::vector<Array> with(double value, const Specs& specs, std::size_t gradient, std::int64_t i) {
  std::vector<Array> gradients = finite(specs);
  Array wide = gradients[gradient].astype(float64);
  wide.mutable_values<double>()[static_cast<std::size_t>(i)] = value;
  gradients[gradient] = wide.astype(specs[gradient].dtype);
  return gradients;
}

// A step with this element, after one step that was fine and before another.
void check_found(double value, const Specs& specs, std::size_t gradient, std::int64_t i) {
  INFO(value, " as element ", i, " of gradient ", gradient);
  Scaled scaled(specs);
  CHECK(scaled.step(finite(specs)) == 0.125);
  CHECK(scaled.steps() == 1);
  CHECK(scaled.step(with(value, specs, gradient, i)) == 0);
  CHECK(scaled.scale() == 4);
  CHECK(scaled.steps() == 0);
  CHECK(scaled.step(finite(specs)) == 0.25);
  CHECK(scaled.scale() == 4);
  CHECK(scaled.steps() == 1);
}

}  // namespace

TEST_CASE(
    "the loss scale doubles after steps of finite gradients, and the old one counts in each") {
  const Specs specs = {{{3}, float32}};
  Scaled scaled(specs);
  for (const double scale : {8, 16, 32}) {
    for (std::int64_t i = 0; i < kGrowthSteps; ++i) {
      CHECK(scaled.scale() == scale);
      CHECK(scaled.steps() == i);
      CHECK(scaled.step(finite(specs)) == 1 / scale);
    }
  }
}

TEST_CASE("one element that is not finite halves the loss scale, wherever it is") {
  const Specs specs = {{{5000}, float32},  {{33}, float64}, {{0}, float16},
                       {{1025}, bfloat16}, {{}, float32},   {{7, 150}, float16},
                       {{2, 1}, bfloat16}, {{0}, float32}};
  for (std::size_t gradient = 0; gradient < specs.size(); ++gradient) {
    const std::int64_t size = specs[gradient].shape.size();
    if (size == 0) continue;
    for (const double value : {double{INFINITY}, double{-INFINITY}, std::nan("")}) {
      check_found(value, specs, gradient, 0);
      check_found(value, specs, gradient, size - 1);
    }
  }
}

TEST_CASE("step after step may be skipped") {
  const Specs specs = {{{40}, float16}};
  Scaled scaled(specs);
  for (const double scale : {4, 2, 1}) {
    CHECK(scaled.step(with(INFINITY, specs, 0, 39)) == 0);
    CHECK(scaled.scale() == scale);
  }
}

TEST_CASE("the loss scale and its inverse stay numbers, on every backend") {
  const Specs specs = {{{40}, float32}};
  for (const char* backend : {"cuda:0", "cpu", "reference"}) {
    CAPTURE(std::string(backend));
    Scaled scaled(specs, backend);
    for (int i = 0; i < 150; ++i) CHECK(scaled.step(with(INFINITY, specs, 0, 0)) == 0);
    CHECK(scaled.scale() == 0x1p-126);
    CHECK(scaled.step(finite(specs)) == 0x1p126);
    for (int i = 0; i < 260 * kGrowthSteps; ++i) CHECK(scaled.step(finite(specs)) > 0);
    CHECK(scaled.scale() == 0x1p126);
    CHECK(scaled.step(finite(specs)) == 0x1p-126);
  }
}

TEST_CASE("more gradients than one launch takes, more parts than it has blocks, and none") {
  Specs many;
  for (std::int64_t i = 0; i < 400; ++i) many.push_back({{1 + i % 7}, float16});
  check_found(INFINITY, many, 399, 399 % 7);
  check_found(-INFINITY, {{{2'200'000}, float16}}, 0, 2'199'999);
  Scaled nothing(Specs{{{0}, float16}});
  CHECK(nothing.step({Array(Shape{0}, float16)}) == 0.125);
  CHECK(nothing.steps() == 1);
}
