#include <banach/ops/dropout.hpp>
#include <tests/backend/cuda/check_bits.hpp>
#include <tests/backend/cuda/halves.hpp>

using namespace banach;
using namespace banach::testing;

namespace {

void check_dropout(const Shape& shape, const Shape& noise, const DropoutParameters& parameters,
                   DType dtype, double tolerance) {
  INFO(shape.str(), noise.str(), name_of(dtype));
  const Array step = Array::of<std::int64_t>({0x1'2345'6789}, {});
  const auto [y, expected] = both({random_array(shape, dtype, 1), step}, [&](const Tensors& x) {
    return ops::dropout(x[0], x[1], parameters, noise);
  });
  CHECK(relative_difference(y, expected) <= tolerance);
}

void check_dropout(const Shape& shape, const Shape& noise, const DropoutParameters& parameters) {
  check_dropout(shape, noise, parameters, float32, Tolerance::kFloat32);
  check_dropout(shape, noise, parameters, float64, Tolerance::kFloat32);
  for (const auto& [dtype, tolerance] : kHalves) {
    check_dropout(shape, noise, parameters, dtype, tolerance);
  }
}

}  // namespace

TEST_CASE("dropout drops what the reference drops") {
  const auto parameters = alpha_dropout_parameters(0.3, 0x1234'5678'9ABC'DEF0);
  for (const Shape& shape : {Shape{},
                             {1},
                             {1000},
                             {7, 1},
                             {5, 16},
                             {3, 31},
                             {3, 128},
                             {3, 129},
                             {2, 1000},
                             {4, 9, 33},
                             {0, 5},
                             {5, 0},
                             {300, 2000}}) {
    check_dropout(shape, shape, parameters);
  }
}

TEST_CASE("dropout with a smaller noise") {
  const auto parameters = dropout_parameters(0.5, 77);
  const std::pair<Shape, Shape> shapes[] = {{{33}, {1}},
                                            {{7, 40}, {1, 40}},
                                            {{7, 40}, {7, 1}},
                                            {{7, 40}, {1, 1}},
                                            {{4, 3, 150}, {4, 1, 150}},
                                            {{2, 5, 6, 33}, {2, 1, 1, 33}},
                                            {{0, 6}, {0, 1}},
                                            {{3, 0}, {3, 1}}};
  for (const auto& [shape, noise] : shapes) check_dropout(shape, noise, parameters);
}

TEST_CASE("dropout at the rates 0 and 1") {
  for (const double rate : {0.0, 1.0}) {
    check_dropout({3, 200}, {3, 200}, dropout_parameters(rate, 5));
    check_dropout({3, 200}, {3, 1}, alpha_dropout_parameters(rate, 5));
  }
}
