#include <banach/ops/elementwise.hpp>
#include <banach/ops/softmax.hpp>
#include <tests/backend/cuda/check_forward.hpp>

using namespace banach;
using namespace banach::testing;

namespace {

// Parts of warps, whole ones and blocks; fewer rows than a block takes and more.
const Shape kShapes[] = {{5, 1}, {250, 10}, {3, 31}, {9, 33}, {2, 7, 512}, {3, 513}, {2, 3000}};

Tensors gradient(const Tensors& x, bool sparse) {  // of dloss, probabilities, targets
  return {make_node<SoftmaxCrossentropyGradOp>({x[0], ops::exp(x[1]), x[2]}, sparse)};
}

}  // namespace

TEST_CASE("softmax and its gradient, in place and not, for rows of any length") {
  for (const Shape& shape : kShapes) {
    check_forward({"softmax " + shape.str(), {{shape}}, [](const Tensors& x) {
                     return Tensors{ops::softmax(x[0]), ops::softmax(ops::negative(x[0]))};
                   }});
    check_forward({"softmax_grad " + shape.str(), {{shape}, {shape}}, [](const Tensors& x) {
                     const Tensor in_place = ops::exp(x[0]);
                     return Tensors{make_node<SoftmaxGradOp>({x[0], x[1]}),
                                    make_node<SoftmaxGradOp>({in_place, x[1]})};
                   }});
  }
}

TEST_CASE("crossentropy, probabilities and matches come together, for both kinds of targets") {
  for (const Shape& shape : kShapes) {
    const Shape rows = shape.slice(0, shape.rank() - 1);
    for (const bool sparse : {false, true}) {
      const OpInput targets = sparse ? OpInput{rows, Fill::labels} : OpInput{shape, Fill::positive};
      const auto crossentropy = [=](const Tensors& x) {
        return add_node(std::make_shared<SoftmaxCrossentropyOp>(sparse, true),
                        {ops::negative(x[0]), x[1]});
      };
      check_forward({"crossentropy " + shape.str(), {{shape}, targets}, crossentropy});
      check_forward({"crossentropy_grad " + shape.str(),
                     {{rows}, {shape}, targets},
                     [=](const Tensors& x) { return gradient(x, sparse); }});
    }
  }
}

TEST_CASE("large logits neither overflow nor lose the loss") {
  check_forward(
      {"large logits", {{{7, 10}, Fill::labels}, {{7}, Fill::labels}}, [](const Tensors& x) {
         Tensor logits = x[0];  // 0, 1 and 2^16
         for (int i = 0; i < 4; ++i) logits = ops::square(logits);
         return add_node(std::make_shared<SoftmaxCrossentropyOp>(true, true), {logits, x[1]});
       }});
}

TEST_CASE("the first of equal predictions counts") {
  for (const Shape& shape : kShapes) {
    const Shape rows = shape.slice(0, shape.rank() - 1);
    check_forward({"match " + shape.str(),
                   {{shape, Fill::labels}, {shape, Fill::labels}, {rows, Fill::labels}},
                   [](const Tensors& x) {
                     return Tensors{ops::categorical_match(x[0], x[1]),
                                    ops::sparse_categorical_match(x[2], x[1])};
                   }});
  }
}

TEST_CASE("class numbers become one-hot rows") {
  check_forward({"one_hot", {{{7, 5}, Fill::labels}}, [](const Tensors& x) {
                   return Tensors{ops::one_hot(x[0], 2), ops::one_hot(x[0], 33)};
                 }});
}
