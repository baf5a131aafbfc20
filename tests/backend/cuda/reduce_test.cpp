#include <banach/ops/reduce.hpp>
#include <tests/backend/cuda/check_forward.hpp>

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
