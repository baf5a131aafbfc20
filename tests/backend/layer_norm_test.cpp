#include <banach/backend/cpu/layer_norm.hpp>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

constexpr double kEpsilon = 1e-3;

// One layer normalization by the kernels, and by plain loops in double.
struct LayerNorm {
  LayerNorm(std::int64_t rows, std::int64_t columns)
      : rows(rows),
        columns(columns),
        x(normal_floats(rows * columns, 1, 3, 2)),
        dy(normal_floats(rows * columns, 2)),
        gamma(normal_floats(columns, 3, 1)),
        beta(normal_floats(columns, 4)),
        y(x.size()),
        dx(x.size()),
        mean(std::size_t(rows)),
        rstd(std::size_t(rows)),
        dgamma(std::size_t(columns)),
        dbeta(std::size_t(columns)) {
    Scratch scratch(layer_norm_grad_scratch_bytes(rows, columns));
    layer_norm(y.data(), mean.data(), rstd.data(), x.data(), gamma.data(), beta.data(), rows,
               columns, kEpsilon);
    layer_norm_grad(dx.data(), dgamma.data(), dbeta.data(), dy.data(), x.data(), gamma.data(),
                    mean.data(), rstd.data(), rows, columns, scratch.data());
  }

  void check() const {
    std::vector<double> expected_y(x.size()), expected_dx(x.size());
    std::vector<double> expected_dgamma(gamma.size()), expected_dbeta(gamma.size());
    for (std::size_t row = 0; row < mean.size(); ++row) {
      const std::size_t first = row * gamma.size();
      const auto count = static_cast<double>(columns);
      double sum = 0, squares = 0, sum_g = 0, sum_gx = 0;
      for (std::size_t c = 0; c < gamma.size(); ++c) sum += x[first + c];
      for (std::size_t c = 0; c < gamma.size(); ++c)
        squares += std::pow(x[first + c] - sum / count, 2);
      const double scale = 1 / std::sqrt(squares / count + kEpsilon);
      const auto xhat = [&](std::size_t c) { return (x[first + c] - sum / count) * scale; };
      const auto g = [&](std::size_t c) { return double{dy[first + c]} * gamma[c]; };
      for (std::size_t c = 0; c < gamma.size(); ++c) {
        expected_y[first + c] = xhat(c) * gamma[c] + beta[c];
        expected_dgamma[c] += dy[first + c] * xhat(c);
        expected_dbeta[c] += dy[first + c];
        sum_g += g(c);
        sum_gx += g(c) * xhat(c);
      }
      for (std::size_t c = 0; c < gamma.size(); ++c) {
        expected_dx[first + c] = scale * (g(c) - sum_g / count - xhat(c) * sum_gx / count);
      }
    }
    CAPTURE(columns);
    CHECK(largest_error(y, expected_y) < 1e-5);
    CHECK(largest_error(dx, expected_dx) < 1e-5);
    CHECK(largest_error(dgamma, expected_dgamma) < 1e-5);
    CHECK(largest_error(dbeta, expected_dbeta) < 1e-5);
  }

  std::int64_t rows, columns;
  Floats x, dy, gamma, beta, y, dx, mean, rstd, dgamma, dbeta;
};

}  // namespace

TEST_CASE("layer_norm and its gradient are the formulas") {
  for_each_target([] {
    for (const auto& [rows, columns] : {std::pair(1, 1), {3, 5}, {9, 16}, {700, 33}, {40, 512}}) {
      LayerNorm(rows, columns).check();
    }
  });
}

TEST_CASE("layer_norm's bits do not depend on the number of threads") {
  check_threads([] {
    LayerNorm k(2000, 65);
    k.y.insert(k.y.end(), k.dx.begin(), k.dx.end());
    k.y.insert(k.y.end(), k.dgamma.begin(), k.dgamma.end());
    return k.y;
  });
}
