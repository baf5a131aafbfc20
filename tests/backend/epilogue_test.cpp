#include <banach/backend/cpu/epilogue.hpp>
#include <banach/ops/dropout.hpp>
#include <banach/ops/functions.hpp>
#include <banach/snn/selu.hpp>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

constexpr std::uint64_t kKey = 0x123456789ABCDEF0;
const std::int64_t kStep = 5'000'000'007;

EpilogueArguments arguments_for(Activation activation, const float* bias, double rate) {
  EpilogueArguments e{.bias = bias, .activation = activation};
  e.alpha = activation == Activation::elu ? 1.0f : static_cast<float>(snn::kSeluAlpha);
  e.scale = static_cast<float>(snn::kSeluScale);
  if (rate == 0) return e;
  const DropoutParameters p = alpha_dropout_parameters(rate, kKey);
  e.dropout = true;
  e.threshold = dropout_threshold(rate);
  e.a = static_cast<float>(p.a);
  e.b = static_cast<float>(p.b);
  e.c = static_cast<float>(p.c);
  e.key = {static_cast<std::uint32_t>(kKey), static_cast<std::uint32_t>(kKey >> 32)};
  e.step = &kStep;
  return e;
}

template <class F>
void with_activation(Activation activation, const F& f) {
  switch (activation) {
    case Activation::linear: break;
    case Activation::relu: return f(functions::Relu());
    case Activation::relu6: return f(functions::Relu6());
    case Activation::selu: return f(functions::Selu());
    case Activation::elu: return f(functions::Elu());
    case Activation::sigmoid: return f(functions::Sigmoid());
    case Activation::tanh: return f(functions::Tanh());
    case Activation::exponential: return f(functions::Exponential());
  }
}

double expected_value(double x, std::int64_t row, std::int64_t column, std::int64_t columns,
                      const EpilogueArguments& e) {
  double y = e.bias == nullptr ? x : x + e.bias[column];
  with_activation(e.activation,
                  [&](auto f) { y = f.forward(y, double{e.alpha}, double{e.scale}); });
  if (!e.dropout) return y;
  const std::int64_t element = row % e.rows_per_sample * columns + column;
  const bool dropped = dropout_bits(kKey, kStep, row / e.rows_per_sample, element) < e.threshold;
  return dropped ? e.c : e.a * y + e.b;
}

struct Case {
  std::int64_t rows, columns, row_begin, row_end, column_begin, column_end, rows_per_sample;
};

void check_block(const Case& k, EpilogueArguments e) {
  e.rows_per_sample = k.rows_per_sample;
  const Floats x = normal_floats(k.rows * k.columns, 7, 0, 2);
  Floats y = x;
  apply_epilogue(y.data(), k.columns, k.row_begin, k.row_end, k.column_begin, k.column_end, e);
  std::vector<double> expected(x.begin(), x.end());
  for (std::int64_t i = k.row_begin; i < k.row_end; ++i) {
    for (std::int64_t j = k.column_begin; j < k.column_end; ++j) {
      const auto at = static_cast<std::size_t>(i * k.columns + j);
      expected[at] = expected_value(x[at], i, j, k.columns, e);
    }
  }
  CAPTURE(k.columns);
  CHECK(largest_error(y, expected) < 1e-6);
}

constexpr Activation kAll[] = {Activation::linear, Activation::relu,       Activation::relu6,
                               Activation::selu,   Activation::elu,        Activation::sigmoid,
                               Activation::tanh,   Activation::exponential};

}  // namespace

TEST_CASE("an epilogue is bias, activation and AlphaDropout, on any block") {
  const Case cases[] = {
      {5, 37, 0, 5, 0, 37, 1},     {5, 37, 1, 4, 3, 30, 1},     {12, 32, 2, 11, 0, 32, 4},
      {3, 300, 0, 3, 0, 300, 1},   {3, 300, 1, 3, 128, 256, 1}, {9, 10, 0, 9, 0, 10, 3},
      {4, 1, 0, 4, 0, 1, 1},       {6, 5, 1, 6, 2, 5, 2},       {60, 20, 1, 59, 0, 20, 25},
      {20, 256, 0, 20, 0, 256, 7}, {2, 500, 0, 2, 128, 500, 1}, {2, 700, 0, 2, 100, 700, 1}};
  const Floats bias = normal_floats(700, 8);
  for_each_target([&] {
    for (const Case& k : cases) {
      for (const Activation activation : kAll) {
        check_block(k, arguments_for(activation, bias.data(), 0));
        check_block(k, arguments_for(activation, nullptr, 0));
        check_block(k, arguments_for(activation, bias.data(), 0.25));
      }
    }
  });
}

TEST_CASE("a kept 0 becomes exactly b, a dropped value exactly c") {
  for_each_target([] {
    const EpilogueArguments e = arguments_for(Activation::selu, nullptr, 0.25);
    Floats y(200);
    apply_epilogue(y.data(), 200, 0, 1, 0, 200, e);
    for (std::size_t j = 0; j < y.size(); ++j) {
      const bool dropped = dropout_bits(kKey, kStep, 0, static_cast<int>(j)) < e.threshold;
      CHECK(y[j] == (dropped ? e.c : e.b));
    }
  });
}

namespace {

struct Gradient {
  Floats dx, dbias;
};

Gradient gradient(const Floats& dz, const Floats& z, std::int64_t rows, std::int64_t columns,
                  const EpilogueArguments& e) {
  Gradient g{dz, Floats(static_cast<std::size_t>(columns))};
  Scratch scratch(epilogue_grad_scratch_bytes(rows, columns));
  epilogue_grad(g.dx.data(), g.dbias.data(), g.dx.data(), z.data(), rows, columns, e,
                scratch.data());
  return g;
}

void check_gradient(std::int64_t rows, std::int64_t columns, const EpilogueArguments& e) {
  Floats z = normal_floats(rows * columns, 3);
  apply_epilogue(z.data(), columns, 0, rows, 0, columns, e);
  const Floats dz = normal_floats(rows * columns, 4);
  const Gradient g = gradient(dz, z, rows, columns, e);
  std::vector<double> dx(z.size()), dbias(static_cast<std::size_t>(columns));
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double y = e.dropout ? (double{z[i]} - e.b) / e.a : z[i];
    double slope = 1;
    with_activation(e.activation,
                    [&](auto f) { slope = f.slope(y, double{e.alpha}, double{e.scale}); });
    dx[i] = e.dropout && z[i] == e.c ? 0 : dz[i] * slope * e.a;
    dbias[i % dbias.size()] += dx[i];
  }
  CAPTURE(columns);
  CHECK(largest_error(g.dx, dx) < 2e-6);
  CHECK(largest_error(g.dbias, dbias) < 1e-5);
}

}  // namespace

TEST_CASE("the gradient of an epilogue follows from its result") {
  for_each_target([] {
    for (const Activation activation : kAll) {
      for (const double rate : {0.0, 0.1}) {
        const EpilogueArguments e = arguments_for(activation, nullptr, rate);
        check_gradient(5, 37, e);
        check_gradient(700, 33, e);
        check_gradient(64, 1, e);
      }
    }
  });
}

TEST_CASE("the gradient's bits do not depend on the number of threads") {
  const EpilogueArguments e = arguments_for(Activation::selu, nullptr, 0.1);
  const Floats z = normal_floats(5000 * 33, 3), dz = normal_floats(5000 * 33, 4);
  check_threads([&] { return gradient(dz, z, 5000, 33, e).dx; });
  check_threads([&] { return gradient(dz, z, 5000, 33, e).dbias; });
}

TEST_CASE("SELU and AlphaDropout together keep mean 0 and variance 1") {
  for (const double rate : {0.05, 0.1, 0.25, 0.5}) {
    Floats values = normal_floats(1'000'000, 11);
    apply_epilogue(values.data(), 1000, 0, 1000, 0, 1000,
                   arguments_for(Activation::selu, nullptr, rate));
    double sum = 0, squares = 0;
    for (const float v : values) {
      sum += v;
      squares += double{v} * v;
    }
    const double mean = sum / 1e6;
    CAPTURE(rate);
    CHECK(std::abs(mean) < 0.004);
    CHECK(std::abs(squares / 1e6 - mean * mean - 1) < 0.006);
  }
}
