#include <banach/ops/matmul.hpp>
#include <doctest/doctest.h>
#include <tests/backend/cuda/check_node.hpp>
#include <tests/backend/cuda/halves.hpp>

using namespace banach;
using namespace banach::testing;

namespace {

constexpr functions::Parameters kSelu{1.6732632423543772, 1.0507009873554805};

struct Case {
  const char* activation;
  std::optional<DropoutParameters> alpha_dropout = {};
};
const Case kCases[] = {{"linear"},  {"relu"},        {"relu6"},
                       {"elu"},     {"selu"},        {"sigmoid"},
                       {"tanh"},    {"exponential"}, {"selu", alpha_dropout_parameters(0.25, 42)},
                       {"negative"}};

Array step() { return Array::full({}, 7, int64); }

void check_fused(const Case& c, bool bias, std::int64_t rows, std::int64_t columns, DType dtype,
                 std::optional<DType> result, double tolerance) {
  const Epilogue epilogue{bias, c.activation, kSelu, c.alpha_dropout};
  if (epilogue.is_empty()) return;
  std::vector<Array> inputs = {waves({rows, 5}), waves({5, columns}, 0.1)};
  if (bias) inputs.push_back(waves({columns}, 0.2));
  if (c.alpha_dropout) inputs.push_back(step());
  check_node(std::make_shared<MatmulOp>(false, false, epilogue, result), inputs, dtype, tolerance,
             std::make_shared<MatmulOp>(false, false, epilogue));
}

void check_grad(const Case& c, std::int64_t rows, std::int64_t columns, DType dtype,
                double tolerance) {
  const Epilogue epilogue{true, c.activation, kSelu, c.alpha_dropout};
  check_node(std::make_shared<EpilogueGradOp>(epilogue),
             {waves({rows, columns}, 0.1), waves({rows, columns})}, dtype, tolerance);
}

}  // namespace

TEST_CASE("epilogues of products, every type, odd sizes") {
  for (const Case& c : kCases) {
    for (const bool bias : {false, true}) {
      for (const auto& [rows, columns] : {std::pair(1, 1), {3, 1000}, {33, 31}, {2, 129}}) {
        check_fused(c, bias, rows, columns, float32, {}, Tolerance::kFloat32);
        check_fused(c, bias, rows, columns, float64, {}, Tolerance::kFloat64);
        for (const auto& [half, tolerance] : kHalves) {
          check_fused(c, bias, rows, columns, half, {}, tolerance);
          check_fused(c, bias, rows, columns, half, float32, Tolerance::kFloat32);
        }
      }
    }
  }
}

TEST_CASE("a dropout of so many elements that a thread takes several") {
  const Case& dropped = kCases[8];
  check_fused(dropped, true, 2050, 129, float32, {}, Tolerance::kFloat32);
  for (const auto& [half, tolerance] : kHalves) {
    check_fused(dropped, true, 2050, 129, half, {}, tolerance);
  }
}

TEST_CASE("gradients of epilogues: few and many slices of rows, narrow and wide") {
  for (const Case& c : kCases) {
    for (const auto& [rows, columns] :
         {std::pair(1, 1), {3, 1000}, {1000, 31}, {700, 3}, {5000, 1}, {300, 33}}) {
      check_grad(c, rows, columns, float32, Tolerance::kFloat32);
      check_grad(c, rows, columns, float64, Tolerance::kFloat64);
    }
    for (const auto& [half, tolerance] : kHalves) {
      check_grad(c, 31, 33, half, tolerance);
      check_grad(c, 1000, 8, half, tolerance);
      check_grad(c, 3000, 33, half, tolerance);
    }
  }
}

TEST_CASE("the gradient of an epilogue of more slices than lanes take at once") {
  check_grad(kCases[4], 33500, 17, float32, Tolerance::kFloat32);
}

TEST_CASE("epilogues of nothing") {
  const Case selu = kCases[4], dropped = kCases[8];
  check_fused(selu, true, 0, 3, float32, {}, Tolerance::kFloat32);
  check_fused(dropped, true, 3, 0, float32, {}, Tolerance::kFloat32);
  check_grad(selu, 0, 3, float32, Tolerance::kFloat32);
  check_grad(dropped, 3, 0, float32, Tolerance::kFloat32);
}
