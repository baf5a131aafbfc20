// E1: SELU's constants, in closed form for any fixed point, and its values.
#include <examples/snn_paper/experiments.hpp>

#include <banach/nn/activations.hpp>
#include <banach/snn/selu.hpp>

#include <cmath>
#include <limits>

namespace banach::snn_paper {
namespace {

constexpr long double kAlpha = 1.673263242354377284817042991671652L;
constexpr long double kScale = 1.050700987355480493419334985294606L;

long double exact_selu(long double x) { return kScale * (x > 0 ? x : kAlpha * std::expm1(x)); }

// Between x and the number nearest to `exact`, in units of that number's last place.
template <class T>
double ulps(T x, long double exact) {
  const T rounded = static_cast<T>(std::abs(exact));
  const T unit = std::nextafter(rounded, std::numeric_limits<T>::infinity()) - rounded;
  return static_cast<double>(std::abs(static_cast<long double>(x) - exact) / unit);
}

template <class T>
double worst_ulps() {
  constexpr std::int64_t kPoints = 20001;
  Array x({kPoints}, dtype_of<T>);
  for (std::int64_t i = 0; i < kPoints; ++i) {
    x.mutable_values<T>()[static_cast<std::size_t>(i)] = static_cast<T>(-10 + 1e-3 * i);
  }
  const Array y = activations::selu(x);
  double worst = 0;
  for (std::size_t i = 0; i < kPoints; ++i) {
    const auto exact = exact_selu(static_cast<long double>(x.values<T>()[i]));
    if (exact != 0) worst = std::max(worst, ulps(y.values<T>()[i], exact));
  }
  return worst;
}

void check_constants(Report& report, const std::string& name, double alpha, double scale,
                     const snn::SeluConstants& found, double tolerance) {
  report.value("alpha for " + name, near(alpha, tolerance), found.alpha, 17);
  report.because(
      "probably as the formula that serves any mean rounds more often than the closed form");
  report.value("scale for " + name, near(scale, tolerance), found.scale, 17);
  report.because("it follows from alpha");
}

}  // namespace

void run_constants(const Options&, Report& report) {
  constexpr double kLastPlace = 2.3e-16;  // of doubles between 1 and 2
  check_constants(report, "(0, 1)", 1.6732632423543772, 1.0507009873554805,
                  snn::selu_constants({0, 1}), kLastPlace);
  check_constants(report, "(0, 2), the paper's A5", 1.9712557503462689, 1.0607090761030122,
                  snn::selu_constants({0, 2}), kLastPlace);
  check_constants(report, "(-0.1, 2), the notebook's", 1.9769021954242, 1.0738512396160,
                  snn::selu_constants({-0.1, 2}, {.omega = 1}), 1e-12);

  const Array points = Array::of<double>({-5, -1, -0.5, 0.5, 1, 3});
  const Array values = activations::selu(points);
  for (std::int64_t i = 0; i < points.size(); ++i) {
    const double exact = static_cast<double>(exact_selu(points.flat(i)));
    report.value("selu(" + text(points.flat(i)) + "), double", near(exact, 4.5e-16), values.flat(i),
                 16);
  }
  report.value("selu on [-10, 10], double: error in last places", at_most(1), worst_ulps<double>());
  report.because("scale * (alpha * expm1(x)): two products and expm1 round, each constant once");
  report.value("selu on [-10, 10], float: error in last places", at_most(2), worst_ulps<float>());
}

}  // namespace banach::snn_paper
