#include <doctest/doctest.h>
#include <tests/support/nets.hpp>

#include <thread>

using namespace banach;
using namespace banach::layers;
using banach::testing::make_samples;
using banach::testing::Samples;

namespace {

// Restores the number of threads.
struct Threads {
  explicit Threads(int count) { config::set_num_threads(count); }
  ~Threads() { config::set_num_threads(before); }
  int before = config::num_threads();
};

Sequential make_net() {
  return Sequential({Input({14, 13, 2}),
                     Conv2D(16, 3, {.activation = "selu", .kernel_initializer = "lecun_normal"}),
                     AlphaDropout(0.2), MaxPooling2D(2), BatchNormalization(), Flatten(),
                     Dense(64, {.activation = "selu", .kernel_initializer = "lecun_normal"}),
                     Dropout(0.1), Dense(5, {.activation = "softmax"})});
}

std::vector<Array> train(std::uint64_t seed, int threads) {
  const Threads guard(threads);
  const Samples samples = make_samples(150, {14, 13, 2}, 5);
  utils::set_random_seed(seed);
  Sequential model = make_net();
  model.compile({.loss = losses::categorical_crossentropy, .optimizer = optimizers::Adam()});
  model.fit(samples.x, samples.y, {.batch_size = 64, .epochs = 2, .verbose = 0});
  return model.get_weights();
}

bool same(const std::vector<Array>& a, const std::vector<Array>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (max_abs_difference(a[i], b[i]) != 0) return false;
  }
  return a.size() == b.size();
}

}  // namespace

TEST_CASE("one thread, two and three train to the same bits, and a seed repeats") {
  const auto one = train(7, 1);
  CHECK(same(one, train(7, 1)));
  CHECK(same(one, train(7, 2)));
  CHECK(same(one, train(7, 3)));
  CHECK_FALSE(same(one, train(8, 1)));
}

TEST_CASE("many threads predict at once on one model") {
  const Samples samples = make_samples(40, {14, 13, 2}, 5);
  Sequential model = make_net();
  const Array expected = model.predict(samples.x);
  std::vector<int> wrong(4);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        if (max_abs_difference(model.predict(samples.x), expected) != 0) ++wrong[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int count : wrong) CHECK(count == 0);
}

TEST_CASE("two models train at once") {
  std::vector<Array> first, second;
  const Samples samples = make_samples(60, {6}, 3);
  const auto fit = [&](std::vector<Array>& weights) {
    Sequential model(
        {Input({6}),
         Dense(8, {.activation = "selu", .kernel_initializer = initializers::LecunNormal(3)}),
         Dense(3, {.activation = "softmax", .kernel_initializer = initializers::LecunNormal(4)})});
    model.compile({.loss = losses::categorical_crossentropy, .optimizer = optimizers::Adam()});
    model.fit(samples.x, samples.y, {.epochs = 5, .verbose = 0, .shuffle = false});
    weights = model.get_weights();
  };
  std::thread other([&] { fit(first); });
  fit(second);
  other.join();
  CHECK(same(first, second));
}
