#include <banach/backend/cpu/update.hpp>
#include <tests/backend/kernel_support.hpp>

using namespace banach;
using namespace banach::cpu;
using namespace banach::testing;

namespace {

// Variables of odd sizes with their gradients and slots.
struct Variables {
  explicit Variables(std::vector<std::int64_t> sizes) {
    for (const std::int64_t size : sizes) {
      w.push_back(normal_floats(size, 1));
      m.push_back(normal_floats(size, 2));
      v.push_back(normal_floats(size, 3));
      g.push_back(normal_floats(size, 4));
      for (float& x : v.back()) x *= x;
    }
  }
  std::vector<Segment> segments(bool momentum = true) {
    std::vector<Segment> result;
    for (std::size_t i = 0; i < w.size(); ++i) {
      result.push_back({w[i].data(), momentum ? m[i].data() : nullptr, v[i].data(), g[i].data(),
                        static_cast<std::int64_t>(w[i].size())});
    }
    return result;
  }
  Floats all() const {
    Floats result;
    for (const auto* list : {&w, &m, &v}) {
      for (const Floats& values : *list) result.insert(result.end(), values.begin(), values.end());
    }
    return result;
  }

  std::vector<Floats> w, m, v, g;
};

constexpr AdamArguments kAdam{0.1f, 0.001f, 1e-7f, 3e-3f};

}  // namespace

TEST_CASE("adam follows its formula in every segment") {
  for_each_target([] {
    Variables x({7, 1, 0, 300, 33});
    const Variables before = x;
    adam(x.segments(), kAdam);
    for (std::size_t k = 0; k < x.w.size(); ++k) {
      for (std::size_t i = 0; i < x.w[k].size(); ++i) {
        const double g = before.g[k][i];
        const double m = before.m[k][i] + (g - before.m[k][i]) * kAdam.complement_1;
        const double v = before.v[k][i] + (g * g - before.v[k][i]) * kAdam.complement_2;
        const double w = before.w[k][i] - kAdam.alpha * m / (std::sqrt(v) + kAdam.epsilon);
        CHECK(x.m[k][i] == doctest::Approx(m).epsilon(1e-6));
        CHECK(x.v[k][i] == doctest::Approx(v).epsilon(1e-6));
        CHECK(x.w[k][i] == doctest::Approx(w).epsilon(1e-6));
      }
    }
  });
}

TEST_CASE("sgd: plain, with momentum, with Nesterov momentum") {
  for_each_target([] {
    for (const auto& [momentum, nesterov] : {std::pair(0.0f, false), {0.9f, false}, {0.9f, true}}) {
      Variables x({17, 130});
      const Variables before = x;
      sgd(x.segments(momentum != 0), {momentum, nesterov, 0.01f});
      for (std::size_t k = 0; k < x.w.size(); ++k) {
        for (std::size_t i = 0; i < x.w[k].size(); ++i) {
          const double step = 0.01f * before.g[k][i];
          const double velocity = momentum == 0 ? -step : momentum * before.m[k][i] - step;
          const double move = nesterov ? momentum * velocity - step : velocity;
          CHECK(x.w[k][i] == doctest::Approx(before.w[k][i] + move).epsilon(1e-6));
          if (momentum != 0) CHECK(x.m[k][i] == doctest::Approx(velocity).epsilon(1e-6));
        }
      }
    }
  });
}

TEST_CASE("an update's bits do not depend on the number of threads") {
  check_threads([] {
    Variables x({100'003, 17, 65'537});
    adam(x.segments(), kAdam);
    sgd(x.segments(), {0.9f, true, 0.01f});
    return x.all();
  });
}
