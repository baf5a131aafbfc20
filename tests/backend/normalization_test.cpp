#include <banach/backend/cpu/normalization.hpp>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

using Doubles = std::vector<double>;

constexpr double kEpsilon = 1e-3;

// A batch with its parameters; everything that the two kernels give for it.
struct Batch {
  Batch(std::int64_t rows, std::int64_t channels)
      : rows(rows),
        channels(channels),
        x(normal_floats(rows * channels, 1, 3, 2)),
        dy(normal_floats(rows * channels, 2)),
        gamma(normal_floats(channels, 3, 1, 0.1)),
        beta(normal_floats(channels, 4)) {}

  void run() {
    const auto n = static_cast<std::size_t>(channels);
    for (Floats* v : {&mean, &variance, &dgamma, &dbeta}) v->resize(n);
    y.resize(x.size());
    dx = dy;  // in place
    Scratch scratch(batch_norm_scratch_bytes(rows, channels));
    batch_norm(y.data(), mean.data(), variance.data(), x.data(), gamma.data(), beta.data(), rows,
               channels, kEpsilon, scratch.data());
    batch_norm_grad(dx.data(), dgamma.data(), dbeta.data(), dx.data(), x.data(), gamma.data(),
                    mean.data(), variance.data(), rows, channels, kEpsilon, scratch.data());
  }
  Floats all() {
    run();
    Floats result = y;
    for (const Floats* v : {&dx, &mean, &variance, &dgamma, &dbeta}) {
      result.insert(result.end(), v->begin(), v->end());
    }
    return result;
  }

  std::int64_t rows, channels;
  Floats x, dy, gamma, beta, y, mean, variance, dx, dgamma, dbeta;
};

void check(std::int64_t rows, std::int64_t channels) {
  Batch b(rows, channels);
  b.run();
  const auto n = static_cast<std::size_t>(channels), size = b.x.size();
  const auto count = static_cast<double>(rows);
  Doubles mean(n), variance(n), y(size), dx(size), dgamma(n), dbeta(n);
  for (std::size_t i = 0; i < size; ++i) mean[i % n] += b.x[i] / count;
  for (std::size_t i = 0; i < size; ++i)
    variance[i % n] += std::pow(b.x[i] - mean[i % n], 2) / count;
  const auto xhat = [&](std::size_t i) {
    return (b.x[i] - mean[i % n]) / std::sqrt(variance[i % n] + kEpsilon);
  };
  for (std::size_t i = 0; i < size; ++i) {
    y[i] = b.gamma[i % n] * xhat(i) + b.beta[i % n];
    dbeta[i % n] += b.dy[i];
    dgamma[i % n] += b.dy[i] * xhat(i);
  }
  for (std::size_t i = 0; i < size; ++i) {
    dx[i] = b.gamma[i % n] / std::sqrt(variance[i % n] + kEpsilon) *
            (b.dy[i] - dbeta[i % n] / count - xhat(i) * dgamma[i % n] / count);
  }
  CAPTURE(channels);
  CHECK(largest_error(b.mean, mean) < 1e-5);
  CHECK(largest_error(b.variance, variance) < 1e-5);
  CHECK(largest_error(b.y, y) < 1e-5);
  CHECK(largest_error(b.dbeta, dbeta) < 1e-5);
  CHECK(largest_error(b.dgamma, dgamma) < 1e-5);
  CHECK(largest_error(b.dx, dx) < 1e-5);
}

}  // namespace

TEST_CASE("batch_norm and its gradient") {
  for_each_target([] {
    check(4, 1);
    check(7, 5);
    check(100, 32);
    check(3000, 37);
  });
}

TEST_CASE("batch_norm's bits do not depend on the number of threads") {
  check_threads([] { return Batch(4000, 37).all(); });
}
