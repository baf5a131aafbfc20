#include <banach/backend/cpu/softmax.hpp>

#include <limits>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

using Doubles = std::vector<double>;

// Probabilities of each row; `log_sums` gets the log of the sums of exponentials.
Doubles naive_softmax(const Floats& x, std::size_t columns, Doubles& log_sums) {
  Doubles y(x.size());
  log_sums.clear();
  for (std::size_t at = 0; at < x.size(); at += columns) {
    const double max = *std::max_element(&x[at], &x[at] + columns);
    double sum = 0;
    for (std::size_t j = 0; j < columns; ++j) sum += std::exp(x[at + j] - max);
    log_sums.push_back(max + std::log(sum));
    for (std::size_t j = 0; j < columns; ++j) y[at + j] = std::exp(x[at + j] - log_sums.back());
  }
  return y;
}

constexpr std::int64_t kRows = 5;

Floats labels_for(std::int64_t columns) {
  Floats labels;
  for (std::int64_t i = 0; i < kRows; ++i) labels.push_back(static_cast<float>(i * 7 % columns));
  return labels;
}

Floats one_hot(const Floats& labels, std::int64_t columns) {
  Floats targets(labels.size() * static_cast<std::size_t>(columns));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    targets[i * static_cast<std::size_t>(columns) + static_cast<std::size_t>(labels[i])] = 1;
  }
  return targets;
}

void check_crossentropy(std::int64_t columns) {
  const auto width = static_cast<std::size_t>(columns);
  const Floats x = normal_floats(kRows * columns, 1, 0, 5),
               t = normal_floats(kRows * columns, 2, 1);
  const Floats dloss = normal_floats(kRows, 3);
  Doubles log_sums, losses(kRows), dx(x.size());
  const Doubles expected = naive_softmax(x, width, log_sums);
  for (std::size_t i = 0; i < kRows; ++i) {
    double total = 0;
    for (std::size_t at = i * width; at < (i + 1) * width; ++at) {
      losses[i] += t[at] * (log_sums[i] - x[at]);
      total += t[at];
    }
    for (std::size_t at = i * width; at < (i + 1) * width; ++at) {
      dx[at] = dloss[i] * (total * expected[at] - t[at]);
    }
  }
  Floats y = x, loss(kRows);  // in place
  softmax_crossentropy(loss.data(), y.data(), nullptr, y.data(), t.data(), kRows, columns);
  CAPTURE(columns);
  CHECK(largest_error(y, expected) < 2e-6);
  CHECK(largest_error(loss, losses) < 2e-6);
  softmax_crossentropy_grad(y.data(), dloss.data(), y.data(), t.data(), kRows, columns);
  CHECK(largest_error(y, dx) < 2e-6 * std::sqrt(columns));
}

void check_sparse_is_dense(std::int64_t columns) {
  const Floats x = normal_floats(kRows * columns, 1, 0, 5), dloss = normal_floats(kRows, 3);
  const Floats labels = labels_for(columns), targets = one_hot(labels, columns);
  Floats y = x, dense_y = x, loss(kRows), dense_loss(kRows);
  sparse_softmax_crossentropy(loss.data(), y.data(), nullptr, y.data(), labels.data(), kRows,
                              columns);
  softmax_crossentropy(dense_loss.data(), dense_y.data(), nullptr, x.data(), targets.data(), kRows,
                       columns);
  CHECK(largest_error(loss, dense_loss) < 1e-6);
  CHECK(largest_error(y, dense_y) == 0);
  sparse_softmax_crossentropy_grad(y.data(), dloss.data(), y.data(), labels.data(), kRows, columns);
  softmax_crossentropy_grad(dense_y.data(), dloss.data(), dense_y.data(), targets.data(), kRows,
                            columns);
  CHECK(largest_error(y, dense_y) < 1e-7);
}

}  // namespace

TEST_CASE("softmax and its gradient") {
  for_each_target([] {
    for (const std::int64_t columns : {1, 2, 3, 8, 10, 17, 1000}) {
      const Floats x = normal_floats(kRows * columns, 1, 0, 10), dy = normal_floats(x.size(), 2);
      Doubles log_sums;
      const Doubles expected = naive_softmax(x, static_cast<std::size_t>(columns), log_sums);
      Floats y(x.size()), dx = dy;
      softmax(y.data(), x.data(), kRows, columns);
      CHECK(largest_error(y, expected) < 1e-6);
      Floats in_place = x;
      softmax(in_place.data(), in_place.data(), kRows, columns);
      CHECK(in_place == y);
      softmax_grad(dx.data(), dx.data(), y.data(), kRows, columns);
      Doubles expected_dx(x.size());
      for (std::size_t at = 0; at < x.size(); ++at) {
        const std::size_t begin = at - at % static_cast<std::size_t>(columns);
        double dot = 0;
        for (std::size_t j = 0; j < static_cast<std::size_t>(columns); ++j) {
          dot += dy[begin + j] * expected[begin + j];
        }
        expected_dx[at] = expected[at] * (dy[at] - dot);
      }
      CHECK(largest_error(dx, expected_dx) < 2e-6);
    }
  });
}

TEST_CASE("softmax of large and infinite logits") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for_each_target([] {
    const Floats x = {1e30f, -1e30f, 0, -kInfinity, 1e30f};
    Floats y(5);
    softmax(y.data(), x.data(), 1, 5);
    CHECK(y == Floats{0.5f, 0, 0, 0, 0.5f});
    const Floats with_nan = {0, std::nanf(""), 1, 2, 3};
    softmax(y.data(), with_nan.data(), 1, 5);
    for (const float v : y) CHECK(std::isnan(v));
    const Floats masked = {2, -kInfinity, 2}, targets = {1, 0, 0};
    float loss = 0;
    softmax_crossentropy(&loss, y.data(), nullptr, masked.data(), targets.data(), 1, 3);
    CHECK(loss == doctest::Approx(std::log(2.0)));
  });
}

TEST_CASE("a row of softmax does not depend on its neighbours") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr std::int64_t kColumns = 37;
  const Floats special = {0, std::nanf(""), kInfinity, -kInfinity, 1e30F, 0};  // one in each row
  for_each_target([&] {
    const auto rows = static_cast<std::int64_t>(special.size());
    Floats x = normal_floats(rows * kColumns, 4);
    for (std::size_t i = 0; i < special.size(); ++i) x[i * kColumns + 20] = special[i];
    std::fill_n(x.begin() + 3 * kColumns, kColumns, -kInfinity);
    Floats y(x.size()), alone(x.size());
    softmax(y.data(), x.data(), rows, kColumns);
    for (std::int64_t i = 0; i < rows; ++i) {
      softmax(alone.data() + i * kColumns, x.data() + i * kColumns, 1, kColumns);
    }
    for (std::size_t i = 0; i < y.size(); ++i) {
      CAPTURE(i);
      CHECK((y[i] == alone[i] || (std::isnan(y[i]) && std::isnan(alone[i]))));
    }
    CHECK(!std::isnan(y[0]));
    CHECK(!std::isnan(y.back()));
  });
}

TEST_CASE("softmax_crossentropy: loss, probabilities and gradient, dense and sparse") {
  for_each_target([] {
    for (const std::int64_t columns : {1, 2, 10, 17, 1000}) {
      check_crossentropy(columns);
      check_sparse_is_dense(columns);
    }
  });
}

TEST_CASE("a label that is no class gives NaN") {
  const Floats x = normal_floats(6, 1), labels = {3, -1};
  Floats y(6), loss(2);
  sparse_softmax_crossentropy(loss.data(), y.data(), nullptr, x.data(), labels.data(), 2, 3);
  CHECK(std::isnan(loss[0]));
  CHECK(std::isnan(loss[1]));
}

TEST_CASE("categorical_match compares the first maxima") {
  const Floats predictions = {0, 2, 2, 5, 1, 0, 1, 1, 1}, labels = {1, 0, 2};
  const Floats targets = one_hot(labels, 3);
  Floats match(3);
  categorical_match(match.data(), targets.data(), predictions.data(), 3, 3);
  CHECK(match == Floats{1, 1, 0});
  sparse_categorical_match(match.data(), labels.data(), predictions.data(), 3, 3);
  CHECK(match == Floats{1, 1, 0});
}

TEST_CASE("softmax's bits do not depend on the number of threads") {
  const Floats x = normal_floats(3000 * 33, 1), t = normal_floats(3000 * 33, 2);
  check_threads([&] {
    Floats y(x.size()), loss(3000);
    softmax_crossentropy(loss.data(), y.data(), nullptr, x.data(), t.data(), 3000, 33);
    y.insert(y.end(), loss.begin(), loss.end());
    Floats probabilities(x.size());
    softmax(probabilities.data(), x.data(), 3000, 33);
    y.insert(y.end(), probabilities.begin(), probabilities.end());
    return y;
  });
}
