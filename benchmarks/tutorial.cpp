// The tutorial's training, timed: one JSON line with the seconds of each epoch (validation
// included), test loss and accuracy, and the peak memory. Arguments: epochs, seed, then "bytes" to
// keep the images as they are and scale them in a Rescaling layer, or the name of a dtype policy.
#include <banach/banach.hpp>
#include <tests/support/nets.hpp>

#include <chrono>
#include <cstdlib>
#include <fmt/ranges.h>

#include <sys/resource.h>

using namespace banach;

namespace {

class EpochTimer : public Callback {
 public:
  void on_epoch_begin(std::int64_t, const Logs&) override { start_ = Clock::now(); }
  void on_epoch_end(std::int64_t, Logs&) override {
    seconds.push_back(std::chrono::duration<double>(Clock::now() - start_).count());
  }
  std::vector<double> seconds;

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_;
};

Array images(const Array& bytes, bool keep) {
  const Array x = bytes.reshape({bytes.dim(0), 28, 28, 1});
  return keep ? x : x.astype(float32) / 255;
}

Sequential rescaled(const Sequential& net) {
  return Sequential({layers::Rescaling(1. / 255, {.input_shape = Shape{28, 28, 1}}), net});
}

long peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  const int epochs = argc > 1 ? std::atoi(argv[1]) : 5;
  utils::set_random_seed(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0);
  auto [train, test] = datasets::mnist::load_data();
  const std::string variant = argc > 3 ? argv[3] : "float32";
  const bool bytes = variant == "bytes";
  if (!bytes) config::set_dtype_policy(variant);
  const Array x = images(train.first, bytes), y = utils::to_categorical(train.second, 10);
  const Sequential net = testing::tutorial_net();
  Sequential model = bytes ? rescaled(net) : net;
  model.compile({.loss = losses::categorical_crossentropy,
                 .optimizer = optimizers::Adam(),
                 .metrics = {"accuracy"}});
  auto timer = std::make_shared<EpochTimer>();
  const History history = model.fit(x, y,
                                    {.batch_size = 250,
                                     .epochs = epochs,
                                     .verbose = 0,
                                     .callbacks = {timer},
                                     .validation_split = 0.2});
  const auto score = model.evaluate(images(test.first, bytes),
                                    utils::to_categorical(test.second, 10), {.verbose = 0});
  fmt::print(R"({{"peer": "banach", "epoch_seconds": {}, "val_accuracy": {}, "test_loss": {}, )"
             R"("test_accuracy": {}, "peak_mb": {}}})"
             "\n",
             timer->seconds, history.history.at("val_accuracy"), score[0], score[1],
             peak_megabytes());
}
