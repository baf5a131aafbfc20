#include <banach/ops/upsampling.hpp>
#include <tests/backend/cuda/check_forward.hpp>

using namespace banach;
using namespace banach::testing;

TEST_CASE("images grow by any factors; their gradient gathers the shares") {
  for (const auto interpolation : {Interpolation::nearest, Interpolation::bilinear}) {
    for (const Size2& factor : {Size2(1), Size2(2), Size2(3, 1), Size2(1, 5), Size2(4, 7)}) {
      const std::int64_t height = 4 * factor.height, width = 3 * factor.width;
      check_forward({"up_sample2d " + factor.str(), {{{2, 4, 3, 5}}}, [=](const Tensors& x) {
                       return Tensors{ops::up_sample2d(x[0], factor, interpolation)};
                     }});
      check_forward({"up_sample2d of a pixel", {{{2, 1, 1, 3}}}, [=](const Tensors& x) {
                       return Tensors{ops::up_sample2d(x[0], factor, interpolation)};
                     }});
      check_forward(
          {"up_sample2d_grad " + factor.str(), {{{2, height, width, 5}}}, [=](const Tensors& x) {
             return Tensors{make_node<UpSample2DGradOp>({x[0]}, factor, interpolation)};
           }});
    }
  }
}
