#include <banach/backend/cpu/unary.hpp>
#include <banach/ops/functions.hpp>
#include <banach/snn/selu.hpp>

#include <limits>
#include <string>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kAlpha = static_cast<float>(snn::kSeluAlpha);
constexpr float kScale = static_cast<float>(snn::kSeluScale);

// Values of all sizes and signs, then those where formulas break.
Floats interesting_values(bool positive) {
  Floats x = {0.0f,  -0.0f,  88,        -88,        87.5f,        -87.5f,
              1e30f, -1e30f, kInfinity, -kInfinity, std::nanf("")};
  for (double size = 1e-30; size < 1e3; size *= 1.05) {
    x.push_back(static_cast<float>(size));
    x.push_back(static_cast<float>(-size));
  }
  for (float v = -20; v < 20; v += 0.01f) x.push_back(v);
  if (positive) std::erase_if(x, [](float v) { return !(v > 1e-12f) || v > 1e12f; });
  return x;
}

// Within 2e-6 of the value or 1e-6, NaN for NaN, and infinite where a float has to be.
bool is_close(float value, double expected) {
  if (std::isnan(expected)) return std::isnan(value);
  const auto rounded = static_cast<float>(expected);
  if (std::isinf(rounded)) return value == rounded;
  return std::abs(value - expected) <= std::max(2e-6 * std::abs(expected), 1e-6);
}

template <class F>
bool needs_positive() {
  return F::kName == "rsqrt";
}

template <class F>
void check_forward(const Floats& x) {
  Floats y(x.size());
  find_unary(F::kName)(y.data(), x.data(), static_cast<std::int64_t>(x.size()), kAlpha, kScale,
                       false);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double expected = F::forward(double{x[i]}, double{kAlpha}, double{kScale});
    if (std::isinf(x[i]) && std::isnan(expected)) continue;  // the formula has no value there
    if (!is_close(y[i], expected)) {
      FAIL_CHECK(std::string(F::kName)
                 << "(" << x[i] << ") is " << y[i] << ", expected " << expected);
    }
  }
}

template <class F>
void check_grad(const Floats& known) {
  const Floats dy = normal_floats(static_cast<std::int64_t>(known.size()), 5, 0, 1);
  Floats dx = dy;
  find_unary_grad(F::kName)(dx.data(), dx.data(), known.data(),
                            static_cast<std::int64_t>(known.size()), kAlpha, kScale, false);
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (std::isinf(known[i])) continue;
    const double expected = dy[i] * F::slope(double{known[i]}, double{kAlpha}, double{kScale});
    if (!is_close(dx[i], expected)) {
      FAIL_CHECK(std::string(F::kName)
                 << "_grad(" << known[i] << ") is " << dx[i] << ", expected " << expected);
    }
  }
}

}  // namespace

TEST_CASE("every unary function is as in double, for all sizes of x") {
  for_each_target([] {
    functions::for_each<functions::Unary>(
        []<class F>() { check_forward<F>(interesting_values(needs_positive<F>())); });
  });
}

TEST_CASE("every slope is as in double") {
  for_each_target([] {
    functions::for_each<functions::Unary>([]<class F>() {
      Floats known = interesting_values(needs_positive<F>());
      if (F::kFromOutput) std::erase_if(known, [](float v) { return std::abs(v) > 1e6f; });
      check_grad<F>(known);
    });
  });
}

TEST_CASE("infinities saturate") {
  for_each_target([] {
    const auto value = [](std::string_view name, float x) {
      float y = 0;
      find_unary(name)(&y, &x, 1, kAlpha, kScale, false);
      return y;
    };
    CHECK(value("selu", -kInfinity) == -kAlpha * kScale);
    CHECK(value("elu", -kInfinity) == -kAlpha);
    CHECK(value("tanh", -kInfinity) == -1);
    CHECK(value("tanh", kInfinity) == 1);
    CHECK(value("sigmoid", -kInfinity) == 0);
    CHECK(value("sigmoid", kInfinity) == 1);
    CHECK(value("exponential", -kInfinity) == 0);
    CHECK(value("exponential", kInfinity) == kInfinity);
    CHECK(value("softplus", kInfinity) == kInfinity);
    CHECK(value("silu", -kInfinity) == 0);
  });
}

TEST_CASE("an element's bits do not depend on where it lies") {
  for_each_target([] {
    functions::for_each<functions::Unary>([]<class F>() {
      const Floats x = interesting_values(needs_positive<F>());
      Floats whole(x.size()), single(x.size());
      const UnaryRange range = find_unary(F::kName);
      range(whole.data(), x.data(), static_cast<std::int64_t>(x.size()), kAlpha, kScale, false);
      for (std::size_t i = 0; i < x.size(); ++i) range(&single[i], &x[i], 1, kAlpha, kScale, false);
      INFO(std::string(F::kName));
      CHECK(std::memcmp(whole.data(), single.data(), x.size() * sizeof(float)) == 0);
    });
  });
}

TEST_CASE("functions with an exponential are within 3 units in the last place") {
  Floats x;
  for (float v = -80; v < 80; v += 0.0037f) x.push_back(v);
  for (float v = 1; v > 1e-30f; v *= 0.9f) x.push_back(-v);
  for_each_target([&] {
    const auto check = [&](std::string_view name, const auto& exact) {
      Floats y(x.size());
      find_unary(name)(y.data(), x.data(), static_cast<std::int64_t>(x.size()), kAlpha, kScale,
                       false);
      double worst = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double expected = exact(double{x[i]});
        const float above = std::nextafter(std::abs(static_cast<float>(expected)),
                                           std::numeric_limits<float>::infinity());
        const double unit = above - std::abs(static_cast<float>(expected));
        worst = std::max(worst, std::abs(y[i] - expected) / unit);
      }
      CAPTURE(std::string(name));
      CHECK(worst < 3);
    };
    check("exponential", [](double v) { return std::exp(v); });
    check("elu", [](double v) { return v > 0 ? v : kAlpha * std::expm1(v); });
    check("selu", [](double v) { return kScale * (v > 0 ? v : kAlpha * std::expm1(v)); });
    check("tanh", [](double v) { return std::tanh(v); });
    check("sigmoid", [](double v) { return 1 / (1 + std::exp(-v)); });
  });
}
