#include <banach/banach.hpp>
#include <banach/onnx/traces.hpp>

#include <doctest/doctest.h>

using namespace banach;
using namespace banach::layers;
using namespace banach::onnx;

namespace {

Traces traces_of(const Shape& sample) {
  Sequential model({Input(sample), layers::Activation("tanh")});
  return {model, model.input_shapes(), [](const Tape& tape) { return tape; }};
}

// What a size is in each trace.
Sizes sizes(const Traces& traces,
            const std::function<std::int64_t(std::int64_t batch, std::int64_t time)>& f) {
  Sizes result;
  for (std::size_t i = 0; i < traces.nodes()[0].size(); ++i) {
    result.push_back(f(traces.input_sizes(0, 0)[i], traces.input_sizes(0, 1)[i]));
  }
  return result;
}

}  // namespace

TEST_CASE("sizes are solved for the open dimensions") {
  const Traces traces = traces_of({kUnknown, 4});
  REQUIRE(traces.symbols().size() == 2);
  CHECK(traces.symbols()[1].name == "dim_1");
  CHECK(is_fixed(traces.output_sizes(0, 2)));
  const auto affine =
      traces.solve(sizes(traces, [](auto batch, auto time) { return 3 * batch - time + 7; }));
  REQUIRE(affine.has_value());
  CHECK(affine->constant == 7);
  CHECK(affine->coefficients == std::vector<std::int64_t>{3, -1});
  CHECK(traces.solve(sizes(traces, [](auto, auto) { return 5; }))->constant == 5);
}

TEST_CASE("products and quotients of open dimensions are not taken for sums") {
  const Traces traces = traces_of({kUnknown, 4});
  CHECK_FALSE(traces.solve(sizes(traces, [](auto batch, auto time) { return batch * time; })));
  CHECK_FALSE(traces.solve(sizes(traces, [](auto batch, auto) { return batch * batch; })));
  CHECK_FALSE(traces.solve(sizes(traces, [](auto batch, auto) { return batch / 2; })));
}

TEST_CASE("a model without open dimensions is traced once") {
  Sequential model({Input({4}), layers::Activation("tanh")});
  const Traces traces(model, {{2, 4}}, [](const Tape& tape) { return tape; });
  CHECK(traces.nodes().front().size() == 1);
  CHECK(traces.symbols().empty());
}
