#include <banach/ops/elementwise.hpp>
#include <banach/ops/normalization.hpp>
#include <tests/backend/cuda/check_forward.hpp>

using namespace banach;
using namespace banach::testing;

namespace {

// One part and many, few channels and many; rows for parts of warps, warps and blocks.
const Shape kShapes[] = {{4, 1},       {250, 31},    {33, 1000}, {20'000, 3},
                         {3, 500, 40}, {9, 5, 5, 7}, {2, 1500},  {1, 8}};
constexpr double kEpsilon = 1e-3;

}  // namespace

TEST_CASE("batch_norm and its gradient, in place, for any number of rows and channels") {
  for (const Shape& shape : kShapes) {
    const Shape channels{shape[-1]};
    check_forward(
        {"batch_norm " + shape.str(), {{shape}, {channels}, {channels}}, [](const Tensors& x) {
           return add_node(std::make_shared<BatchNormOp>(kEpsilon), {ops::exp(x[0]), x[1], x[2]});
         }});
    check_forward({"batch_norm_grad " + shape.str(),
                   {{shape}, {shape}, {channels}, {channels}, {channels, Fill::positive}},
                   [](const Tensors& x) {
                     return add_node(std::make_shared<BatchNormGradOp>(kEpsilon),
                                     {ops::negative(x[0]), x[1], x[2], x[3], x[4]});
                   }});
  }
}

TEST_CASE("layer_norm and its gradient, in place, for any number of rows and columns") {
  for (const Shape& shape : kShapes) {
    const Shape columns{shape[-1]}, rows = shape.slice(0, shape.rank() - 1);
    check_forward(
        {"layer_norm " + shape.str(), {{shape}, {columns}, {columns}}, [](const Tensors& x) {
           return add_node(std::make_shared<LayerNormOp>(kEpsilon), {ops::exp(x[0]), x[1], x[2]});
         }});
    check_forward({"layer_norm_grad " + shape.str(),
                   {{shape}, {shape}, {columns}, {rows}, {rows, Fill::positive}},
                   [](const Tensors& x) {
                     return add_node(std::make_shared<LayerNormGradOp>(),
                                     {ops::negative(x[0]), x[1], x[2], x[3], x[4]});
                   }});
  }
}
