#include <banach/backend/cpu/dropout.hpp>
#include <banach/ops/dropout.hpp>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

constexpr std::uint64_t kKey = 0xFEDCBA9876543210;

DropoutArguments arguments_for(double rate) {
  const DropoutParameters p = alpha_dropout_parameters(rate, kKey);
  return {dropout_threshold(rate),
          static_cast<float>(p.a),
          static_cast<float>(p.b),
          static_cast<float>(p.c),
          {static_cast<std::uint32_t>(kKey), static_cast<std::uint32_t>(kKey >> 32)}};
}

void check_mask(std::int64_t rows, std::int64_t row_size, double rate, std::int64_t step) {
  const DropoutArguments p = arguments_for(rate);
  Floats x(static_cast<std::size_t>(rows * row_size), 0.5f), y = x;
  dropout(y.data(), x.data(), rows, row_size, step, p);
  std::size_t wrong = 0;
  for (std::int64_t i = 0; i < rows * row_size; ++i) {
    const bool dropped = dropout_bits(kKey, step, i / row_size, i % row_size) < p.threshold;
    const float expected = dropped ? p.c : p.a * 0.5f + p.b;
    if (std::abs(y[static_cast<std::size_t>(i)] - expected) > 1e-6) ++wrong;
  }
  CAPTURE(row_size);
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("dropout drops what dropout_bits says, whatever the size of a row") {
  for_each_target([] {
    for (const std::int64_t row_size :
         {1, 5, 15, 16, 17, 31, 33, 100, 127, 128, 129, 255, 256, 257, 400, 784, 1000}) {
      check_mask(3, row_size, 0.25, 3);
    }
    check_mask(7, 500, 0.5, (std::int64_t{1} << 40) + 17);
    check_mask(2, 300, 0, 1);
    check_mask(2, 300, 1, 1);
  });
}

TEST_CASE("masks differ between steps, rows and keys, and repeat otherwise") {
  CHECK(dropout_bits(1, 2, 3, 4) == dropout_bits(1, 2, 3, 4));
  int same = 0;
  for (std::int64_t i = 0; i < 1000; ++i) {
    const std::uint32_t bits = dropout_bits(1, 2, 3, i);
    same += bits == dropout_bits(2, 2, 3, i);
    same += bits == dropout_bits(1, 3, 3, i);
    same += bits == dropout_bits(1, 2, 4, i);
  }
  CHECK(same < 10);
}

TEST_CASE("dropout's bits do not depend on the number of threads; it may run in place") {
  const Floats x = normal_floats(200 * 777, 1);
  check_threads([&] {
    Floats y = x;
    dropout(y.data(), y.data(), 200, 777, 9, arguments_for(0.25));
    return y;
  });
}

TEST_CASE("the share of dropped values is the rate") {
  Floats x(1'000'000, 1.0f), y = x;
  for (const double rate : {0.05, 0.5, 0.9}) {
    DropoutArguments p = arguments_for(rate);
    p.c = -100;
    dropout(y.data(), x.data(), 1000, 1000, 1, p);
    const auto dropped = std::count(y.begin(), y.end(), -100.0f);
    CHECK(std::abs(static_cast<double>(dropped) / 1e6 - rate) < 0.002);
  }
}
