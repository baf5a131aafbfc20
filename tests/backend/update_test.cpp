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
  std::vector<UpdateSegment> segments() {
    std::vector<UpdateSegment> result;
    for (std::size_t i = 0; i < w.size(); ++i) {
      result.push_back({{w[i].data(), m[i].data(), v[i].data()},
                        {w[i].data(), m[i].data(), v[i].data()},
                        g[i].data(),
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

constexpr float kComplement1 = 0.1f, kComplement2 = 0.001f, kAlpha = 3e-3f, kEpsilon = 1e-7f;
constexpr UpdateArguments kAdam{{kComplement1, kComplement2, kAlpha, kEpsilon}};

void run(const char* rule, Variables& x, const UpdateArguments& arguments) {
  update(find_update(rule, arguments.decay != 0), x.segments(), arguments);
}

}  // namespace

TEST_CASE("adam follows its formula in every segment") {
  for_each_target([] {
    Variables x({7, 1, 0, 300, 33});
    const Variables before = x;
    run("adam", x, kAdam);
    for (std::size_t k = 0; k < x.w.size(); ++k) {
      for (std::size_t i = 0; i < x.w[k].size(); ++i) {
        const double g = before.g[k][i];
        const double m = before.m[k][i] + (g - before.m[k][i]) * kComplement1;
        const double v = before.v[k][i] + (g * g - before.v[k][i]) * kComplement2;
        const double w = before.w[k][i] - kAlpha * m / (std::sqrt(v) + kEpsilon);
        CHECK(x.m[k][i] == doctest::Approx(m).epsilon(1e-6));
        CHECK(x.v[k][i] == doctest::Approx(v).epsilon(1e-6));
        CHECK(x.w[k][i] == doctest::Approx(w).epsilon(1e-6));
      }
    }
  });
}

TEST_CASE("sgd: plain, with momentum, with Nesterov momentum") {
  for_each_target([] {
    for (const char* rule : {"sgd", "sgd_momentum", "sgd_nesterov"}) {
      const bool plain = rule == std::string("sgd"), nesterov = rule == std::string("sgd_nesterov");
      Variables x({17, 130});
      const Variables before = x;
      run(rule, x, {{0.01f, 0.9f}});
      for (std::size_t k = 0; k < x.w.size(); ++k) {
        for (std::size_t i = 0; i < x.w[k].size(); ++i) {
          const double step = 0.01f * before.g[k][i];
          const double velocity = plain ? -step : 0.9f * before.m[k][i] - step;
          const double move = nesterov ? 0.9f * velocity - step : velocity;
          CHECK(x.w[k][i] == doctest::Approx(before.w[k][i] + move).epsilon(1e-6));
          CHECK(x.m[k][i] == doctest::Approx(plain ? before.m[k][i] : velocity).epsilon(1e-6));
        }
      }
    }
  });
}

TEST_CASE("weights decay before the step") {
  for_each_target([] {
    Variables x({65}), decayed = x;
    for (float& w : decayed.w[0]) w -= 0.25f * w;
    run("sgd", x, {{0.01f}, 0.25f});
    run("sgd", decayed, {{0.01f}});
    CHECK(largest_error(x.w[0], decayed.w[0]) < 1e-6);
  });
}

TEST_CASE("what is read may lie elsewhere than what is written") {
  Variables x({40}), y = x;
  std::vector<UpdateSegment> segments = x.segments();
  for (std::size_t k = 0; k < 3; ++k) segments[0].to[k] = y.segments()[0].to[k];
  const Variables before = x;
  update(find_update("adam", false), segments, kAdam);
  run("adam", x, kAdam);
  CHECK(y.all() == x.all());
  CHECK(x.w[0] != before.w[0]);
}

TEST_CASE("an update's bits do not depend on the number of threads") {
  check_threads([] {
    Variables x({100'003, 17, 65'537});
    run("adam", x, kAdam);
    run("sgd_nesterov", x, {{0.01f, 0.9f}});
    return x.all();
  });
}
