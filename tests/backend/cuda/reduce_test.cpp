#include <banach/ops/reduce.hpp>
#include <tests/backend/cuda/check_forward.hpp>

#include <algorithm>

using namespace banach;
using namespace banach::testing;

namespace {

struct Reduced {
  Shape shape;
  std::vector<int> axes;
};

// One lane and many, one tile and many, one part and many, blocks of axes and scattered ones.
const Reduced kReduced[] = {{{1}, {0}},
                            {{31}, {0}},
                            {{33}, {0}},
                            {{300'007}, {0}},
                            {{1, 7}, {0}},
                            {{1000, 10}, {0}},
                            {{1000, 10}, {1}},
                            {{10'000, 33}, {0}},
                            {{3, 5000}, {1}},
                            {{7, 129, 3}, {1}},
                            {{2, 1000, 70}, {1}},
                            {{5, 1, 4}, {0, 2}},
                            {{9, 31, 5}, {0, 2}},
                            {{3, 4, 5, 6, 7}, {1, 3}},
                            {{40, 3, 50, 4}, {0, 2}},
                            {{0, 3}, {0}},
                            {{3, 0}, {0}},
                            {{2, 20'000}, {0}},
                            {{200, 2, 200}, {0, 2}}};

}  // namespace

TEST_CASE("sums and largest values over any axes of any size") {
  for (const auto& [shape, axes] : kReduced) {
    check_forward({"sum " + shape.str(), {{shape}}, [&](const Tensors& x) {
                     return Tensors{ops::sum(x[0], axes), ops::sum(x[0], axes, true)};
                   }});
    if (shape.size() == 0) continue;  // -infinity
    check_forward({"max " + shape.str(), {{shape}}, [&](const Tensors& x) {
                     return Tensors{ops::max(x[0], axes)};
                   }});
  }
}

TEST_CASE("rows that share the largest value share its gradient") {
  for (const auto& [shape, axes] : kReduced) {
    if (shape.size() == 0) continue;
    Shape outputs;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (std::ranges::find(axes, axis) == axes.end()) outputs.push_back(shape[axis]);
    }
    check_forward(
        {"max_grad " + shape.str(), {{outputs}, {shape, Fill::labels}}, [&](const Tensors& x) {
           return Tensors{make_node<MaxGradOp>({x[0], x[1], ops::max(x[1], axes)}, axes)};
         }});
  }
}

TEST_CASE("means of few values and of many, with weights and without") {
  for (const std::int64_t size : {1, 250, 100'003}) {
    check_forward({"means of " + std::to_string(size),
                   {{{2}}, {{size}}, {{size}, Fill::weights}},
                   [](const Tensors& x) {
                     return Tensors{ops::weighted_mean(x[1], Tensor()),
                                    ops::weighted_mean(x[1], x[2]),
                                    ops::accumulate_mean(x[0], x[1], Tensor(), 3),
                                    ops::accumulate_mean(x[0], x[1], x[2])};
                   }});
  }
}
