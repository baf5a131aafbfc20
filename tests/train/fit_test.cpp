#include <banach/core/errors.hpp>
#include <banach/models/runtime.hpp>
#include <doctest/doctest.h>
#include <tests/nn/warnings.hpp>
#include <tests/support/nets.hpp>

#include <atomic>
#include <limits>
#include <thread>

using namespace banach;
using namespace banach::layers;
using banach::testing::make_samples;
using banach::testing::Samples;
using banach::testing::WarningRecorder;
using doctest::Contains;

namespace {

Sequential classifier(std::int64_t features = 6, std::int64_t classes = 3) {
  Sequential model({Input({features}), Dense(classes, {.activation = "softmax"})});
  model.compile({.loss = losses::categorical_crossentropy, .metrics = {"accuracy"}});
  return model;
}

Sequential sparse_classifier() {
  Sequential model({Input({6}), Dense(3, {.activation = "softmax"})});
  model.compile({.loss = losses::sparse_categorical_crossentropy,
                 .optimizer = optimizers::Adam(0.05),
                 .metrics = {"accuracy"}});
  return model;
}

// Writes down every hook.
struct Recorder : Callback {
  void on_train_begin(const Logs&) override { events += "T("; }
  void on_train_end(const Logs&) override { events += ")T"; }
  void on_epoch_begin(std::int64_t epoch, const Logs&) override {
    events += "e" + std::to_string(epoch) + "(";
  }
  void on_epoch_end(std::int64_t, Logs& logs) override {
    events += ")e";
    logs.insert(added.begin(), added.end());
    last = logs;
  }
  void on_train_batch_begin(std::int64_t, const Logs&) override { events += "["; }
  void on_train_batch_end(std::int64_t batch, const Logs& logs) override {
    events += "]";
    if (logs.count("loss") == 0) events += "?";
    if (stop_at && batch == *stop_at) model().stop_training();
  }
  void on_test_begin(const Logs&) override { events += "v("; }
  void on_test_end(const Logs&) override { events += ")v"; }

  std::string events;
  Logs last;
  Logs added;  // to an epoch's logs
  std::optional<std::int64_t> stop_at;
};

struct LambdaBatch : Callback {
  explicit LambdaBatch(std::function<void()> body) : body(std::move(body)) {}
  void on_train_batch_end(std::int64_t, const Logs&) override { body(); }
  std::function<void()> body;
};

}  // namespace

TEST_CASE("history has a value an epoch for every name, validation included") {
  const Samples s = make_samples(50, {6}, 3);
  const History h = classifier().fit(s.x, s.y, {.epochs = 3, .verbose = 0, .validation_split = .2});
  REQUIRE(h.history.size() == 4);
  for (const char* name : {"accuracy", "loss", "val_accuracy", "val_loss"}) {
    CHECK(h.history.at(name).size() == 3);
  }
  CHECK(h.epoch == std::vector<std::int64_t>{0, 1, 2});
  CHECK(h.params.epochs == 3);
  CHECK(h.params.steps == 2);
}

TEST_CASE("callbacks are told in Keras' order, and can stop") {
  const Samples s = make_samples(40, {6}, 3);
  auto recorder = std::make_shared<Recorder>();
  classifier().fit(s.x, s.y,
                   {.batch_size = 16,
                    .epochs = 2,
                    .verbose = 0,
                    .callbacks = {recorder},
                    .validation_split = 0.2});
  CHECK(recorder->events == "T(e0([][]v()v)ee1([][]v()v)e)T");
  CHECK(recorder->last.count("val_loss") == 1);
  auto stopper = std::make_shared<Recorder>();
  stopper->stop_at = 0;
  const History h = classifier().fit(
      s.x, s.y, {.batch_size = 8, .epochs = 5, .verbose = 0, .callbacks = {stopper}});
  CHECK(stopper->events == "T(e0([])e)T");
  CHECK(h.epoch.size() == 1);
}

TEST_CASE("what a callback adds at an epoch's end reaches those behind it, and History") {
  const Samples s = make_samples(40, {6}, 3);
  auto first = std::make_shared<Recorder>(), second = std::make_shared<Recorder>();
  first->added = {{"learning_rate", 0.5}};
  const History h =
      classifier().fit(s.x, s.y, {.epochs = 2, .verbose = 0, .callbacks = {first, second}});
  CHECK(second->last.at("learning_rate") == 0.5);
  CHECK(h.history.at("learning_rate") == std::vector<double>{0.5, 0.5});
}

TEST_CASE("callbacks know what was asked for, and can be given by value") {
  const Samples s = make_samples(40, {6}, 3);
  struct Reader : Callback {
    explicit Reader(std::string* out) : text(out) {}
    void on_train_begin(const Logs&) override { write(); }
    void on_test_begin(const Logs&) override { write(); }
    void write() {
      *text += std::to_string(params().verbose) + " " + std::to_string(params().epochs) + " " +
               std::to_string(params().steps) + "\n";
    }
    std::string* text;
  };
  std::string text;
  Sequential model = classifier();
  model.fit(s.x, s.y, {.epochs = 3, .verbose = 0, .callbacks = {Reader(&text)}});
  model.evaluate(s.x, s.y, {.batch_size = 8, .verbose = 0, .callbacks = {Reader(&text)}});
  CHECK(text == "0 3 2\n0 1 5\n");
}

TEST_CASE("initial_epoch counts on, validation_freq skips, validation_data wins") {
  const Samples s = make_samples(40, {6}, 3), other = make_samples(10, {6}, 3, 9);
  const History h = classifier().fit(s.x, s.y,
                                     {.epochs = 6,
                                      .verbose = 0,
                                      .validation_split = 0.5,
                                      .validation_data = std::pair(other.x, other.y),
                                      .initial_epoch = 2,
                                      .validation_freq = 2});
  CHECK(h.epoch == std::vector<std::int64_t>{2, 3, 4, 5});
  CHECK(h.history.at("val_loss").size() == 2);
  CHECK(h.params.steps == 2);  // all 40 samples train
}

TEST_CASE("shuffling visits every sample once and follows the seed") {
  const Samples s = make_samples(70, {6}, 3);
  const auto run = [&](std::uint64_t seed) {
    utils::set_random_seed(seed);
    Sequential model = classifier();
    return model.fit(s.x, s.y, {.batch_size = 8, .epochs = 2, .verbose = 0}).history.at("loss");
  };
  CHECK(run(1) == run(1));
  CHECK(run(1) != run(2));
}

TEST_CASE("integer images and class numbers train as they are") {
  Array x({40, 6}, uint8);
  Array y({40}, uint8);
  for (int i = 0; i < 40; ++i) {
    y.mutable_values<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 3);
    x.mutable_values<std::uint8_t>()[i * 6 + i % 3] = 5;
  }
  const History h = sparse_classifier().fit(x, y, {.batch_size = 8, .epochs = 30, .verbose = 0});
  CHECK(h.history.at("accuracy").back() > 0.9);
}

TEST_CASE("validation and a smaller last batch leave training's numbers alone") {
  const Samples s = make_samples(50, {6}, 3), other = make_samples(90, {6}, 3, 9);
  const auto train = [&](std::int64_t validation_batch_size, bool validate) {
    utils::set_random_seed(5);
    Sequential model({Input({6}), Dense(8, {.activation = "selu"}), AlphaDropout(0.1),
                      Dense(3, {.activation = "softmax"})});
    model.compile({.loss = losses::categorical_crossentropy, .optimizer = "adam"});
    FitOptions options{.batch_size = 16, .epochs = 3, .verbose = 0};
    if (validate) options.validation_data = {other.x, other.y};
    options.validation_batch_size = validation_batch_size;
    const History h = model.fit(s.x, s.y, options);
    if (validate) {
      CHECK(h.history.at("val_loss").back() ==
            doctest::Approx(model.evaluate(other.x, other.y, {.verbose = 0})[0]).epsilon(1e-6));
    }
    return h.history.at("loss");
  };
  CHECK(train(16, true) == train(16, false));
  CHECK(train(7, true) == train(16, false));
  CHECK(train(90, true) == train(16, false));
}

TEST_CASE("a batch that no memory holds fails before the first step, by layer") {
  Sequential model = banach::testing::tutorial_net();
  model.compile({.loss = losses::sparse_categorical_crossentropy});
  const std::int64_t samples = 1'000'000'000;
  const Array x({samples, 28, 28, 1}, uint8, Buffer::borrow(nullptr, samples * 28 * 28));  // unread
  CHECK_THROWS_WITH_AS(model.predict(x, {.batch_size = samples}),
                       Contains("TB for fused_conv2d of sequential"), RuntimeError);
  const ProgramRequest request{Mode::train, {x.shape()}, {Shape{samples}}};
  CHECK_THROWS_WITH_AS(cached_program(model, request)->lease(), Contains("/conv2d"), RuntimeError);
  CHECK(model.optimizer().iterations() == 0);
}

TEST_CASE("bad input is refused before anything changes, in words") {
  const Samples s = make_samples(40, {6}, 3);
  Sequential model = classifier();
  const Array before = model.get_weights()[0];
  const auto fit = [&](const Array& x, const Array& y, FitOptions options = {}) {
    options.verbose = 0;
    model.fit(x, y, options);
  };
  CHECK_THROWS_WITH_AS(fit(s.x.slice(0, 30), s.y), Contains("same number of samples"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(fit(s.x.reshape({80, 3}), s.y), Contains("expected x of shape (None, 6)"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(fit(s.x, s.y, {.batch_size = 0}), Contains("batch_size"), InvalidArgument);
  CHECK_THROWS_WITH_AS(fit(s.x, s.y, {.epochs = -1}), Contains("epochs"), InvalidArgument);
  CHECK_THROWS_WITH_AS(fit(s.x, s.y, {.validation_split = 0.99}), Contains("not sufficient"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(fit(s.x, s.y, {.validation_split = 1.5}), Contains("[0, 1)"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(fit(s.x, s.y.reshape({40, 1, 3})), Contains("one shape"), InvalidArgument);
  CHECK_THROWS_WITH_AS(fit(s.x, s.y, {.sample_weight = Array({39})}), Contains("sample_weight"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(fit(s.x, s.y, {.class_weight = {{0, 2.0}}, .sample_weight = Array({40})}),
                       Contains("cannot be used together"), InvalidArgument);
  Array nan = s.y.copy();
  nan.mutable_values<float>()[7] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH_AS(fit(s.x, nan), Contains("NaN, first at sample 2"), InvalidArgument);
  CHECK_THROWS_WITH_AS(fit(Array({0, 6}), Array({0, 3})), Contains("at least one sample"),
                       InvalidArgument);
  CHECK(max_abs_difference(model.get_weights()[0], before) == 0);
  CHECK(model.optimizer().iterations() == 0);
}

TEST_CASE("own losses and metrics get targets of the predictions' rank") {
  const Samples s = make_samples(40, {6}, 3);
  const Array column = s.x.slice(0, 40).reshape({240}).slice(0, 40).reshape({40, 1});
  const auto errors = [](const Tensor& y_true, const Tensor& y_pred) {
    return ops::mean(ops::square(y_true - y_pred), {-1});
  };
  const auto evaluate = [&](const Loss& loss, const Metric& metric, const Array& y) {
    Sequential model({Input({6}), Dense(1, {.kernel_initializer = "ones"})});
    model.compile({.loss = loss, .metrics = {metric}});
    return model.evaluate(s.x, y, {.verbose = 0});
  };
  const auto expected = evaluate("mse", "mse", column);
  CHECK(evaluate(errors, Metric("errors", errors), column.reshape({40})) == expected);
}

TEST_CASE("a loss that is one number counts with the mean of the weights, as in Keras") {
  const Samples s = make_samples(40, {6}, 3);
  Sequential model({Input({6}), Dense(3)});
  model.compile(
      {.loss = [](const Tensor& y, const Tensor& p) { return ops::mean(ops::square(y - p)); }});
  const double plain = model.evaluate(s.x, s.y, {.batch_size = 40, .verbose = 0})[0];
  const Array weights = Array::full({40}, 0.25);
  CHECK(model.evaluate(s.x, s.y, {.batch_size = 40, .verbose = 0, .sample_weight = weights})[0] ==
        doctest::Approx(plain / 4));
}

TEST_CASE("class weights are for training: validation counts every sample once") {
  const Samples s = make_samples(50, {6}, 3);
  const std::map<std::int64_t, double> class_weight = {{0, 1.0}, {1, 10.0}, {2, 5.0}};
  Sequential model = classifier();
  const History history = model.fit(
      s.x, s.y,
      {.batch_size = 50, .verbose = 0, .validation_split = 0.2, .class_weight = class_weight});
  const auto after = model.evaluate(s.x.slice(40, 50), s.y.slice(40, 50), {.verbose = 0});
  CHECK(history.history.at("val_loss").back() == doctest::Approx(after[0]));
}

TEST_CASE("one batch is trained on or tested, with weights") {
  const Samples s = make_samples(16, {6}, 3);
  Sequential model = classifier();
  const Array ones = Array::full({16}, 1), zeros({16});
  const auto plain = model.test_on_batch(s.x, s.y);
  CHECK(plain == model.evaluate(s.x, s.y, {.verbose = 0}));
  CHECK(model.test_on_batch(s.x, s.y, {.sample_weight = zeros})[0] == 0);
  const Array before = model.get_weights()[0];
  CHECK(model.train_on_batch(s.x, s.y, {.class_weight = {{0, 0.}, {1, 0.}, {2, 0.}}})[0] == 0);
  CHECK(model.train_on_batch(s.x, s.y, {.sample_weight = ones})[0] == doctest::Approx(plain[0]));
  CHECK(max_abs_difference(model.get_weights()[0], before) > 0);
}

TEST_CASE("a layer of one's own that changes the batch is named") {
  struct Double final : LayerOf<Double> {
    Tensor call(const Tensor& x, const CallContext&) override {
      return ops::concatenate({x, x}, 0);
    }
  };
  Sequential model({Input({6}), Double()});
  CHECK_THROWS_WITH_AS(model.predict(Array({64, 6})),
                       Contains("expected outputs whose first axis is the batch, of 32 samples, "
                                "received (64, 6) for output 0"),
                       InvalidArgument);
}

TEST_CASE("no loss is an error, nothing to train a warning") {
  Sequential model({Input({6}), Dense(3)});
  CHECK_THROWS_WITH_AS(model.compile({}), Contains("[compile] no loss to minimise"),
                       InvalidArgument);
  model.set_trainable(false);
  model.compile({.loss = "mse"});
  const Samples s = make_samples(16, {6}, 3);
  const WarningRecorder warnings;
  model.fit(s.x, s.y, {.epochs = 1, .verbose = 0});
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0] == "[fit] " + model.name() + " has no weights to train");
  CHECK(model.fit(s.x, s.y, {.epochs = 0, .verbose = 0}).history.empty());
}

TEST_CASE("another thread ends a fit") {
  const Samples s = make_samples(40, {6}, 3);
  Sequential model = classifier();
  std::atomic<bool> has_begun = false;
  const auto tell = std::make_shared<LambdaBatch>([&] { has_begun = true; });
  std::thread stopper([&] {
    while (!has_begun) std::this_thread::yield();
    model.stop_training();
  });
  const History history =
      model.fit(s.x, s.y, {.epochs = 1000000, .verbose = 0, .callbacks = {tell}});
  stopper.join();
  CHECK(history.epoch.size() < 1000000);
}

TEST_CASE("class numbers outside the model's classes are named") {
  const Samples s = make_samples(40, {6}, 3);
  Array labels({40}, int64);
  labels.mutable_values<std::int64_t>()[11] = 3;
  CHECK_THROWS_WITH_AS(sparse_classifier().fit(s.x, labels, {.verbose = 0}),
                       Contains("class 3 of sample 11 is outside [0, 3)"), InvalidArgument);
  Sequential unbuilt({Dense(3, {.activation = "softmax"})});
  unbuilt.compile({.loss = losses::sparse_categorical_crossentropy});
  CHECK_THROWS_WITH_AS(unbuilt.fit(s.x, labels, {.verbose = 0}), Contains("class 3 of sample 11"),
                       InvalidArgument);
}

TEST_CASE("fit, evaluate and predict say what is missing") {
  const Samples s = make_samples(40, {6}, 3);
  Sequential model({Input({6}), Dense(3)});
  CHECK_THROWS_WITH_AS(model.fit(s.x, s.y), Contains("call compile("), RuntimeError);
  CHECK_THROWS_WITH_AS(model.evaluate(s.x, s.y), Contains("call compile("), RuntimeError);
  CHECK(model.predict(s.x).shape() == Shape{40, 3});
  CHECK_THROWS_WITH_AS(model.predict(s.x[0]), Contains("needs a batch axis"), InvalidArgument);
  CHECK_THROWS_WITH_AS(model.predict(s.x, {.batch_size = -1}), Contains("batch_size"),
                       InvalidArgument);
}

TEST_CASE("unknown names suggest the nearest") {
  CHECK_THROWS_WITH_AS(Dense(3, {.activation = "seluu"}), Contains("Did you mean 'selu'?"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(Loss("categorical_crosentropy"),
                       Contains("Did you mean 'categorical_crossentropy'?"), InvalidArgument);
  CHECK_THROWS_WITH_AS(Optimizer("adm"), Contains("Did you mean 'adam'?"), InvalidArgument);
  CHECK_THROWS_WITH_AS(Metric("acuracy"), Contains("Did you mean 'accuracy'?"), InvalidArgument);
  CHECK_THROWS_WITH_AS(Initializer("lecunnormal"), Contains("Did you mean 'lecun_normal'?"),
                       InvalidArgument);
}

TEST_CASE("wrong shapes are found when the layer is added, and the model stays as it was") {
  Sequential model({Input({28, 28})});
  CHECK_THROWS_WITH_AS(model.add(Conv2D(4, 3)), Contains("Add a channel axis"), InvalidArgument);
  CHECK(model.layers().empty());
  model.add(Flatten());
  model.add(Dense(10));
  CHECK(model.output_shapes().front() == Shape{kUnknown, 10});
  Sequential small({Input({2, 2, 1})});
  CHECK_THROWS_WITH_AS(small.add(Conv2D(4, 3)), Contains("Use padding=\"same\""), InvalidArgument);
  Dense built(3);
  Sequential other({Input({5}), built});
  CHECK_THROWS_WITH_AS(Sequential({Input({4, 6}), built}), Contains("Add Flatten() before it"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(other.add(built), Contains("unique names"), InvalidArgument);
}

TEST_CASE("run_eagerly names the layer whose output is the first NaN") {
  const Samples s = make_samples(8, {6}, 3);
  Sequential model(
      {Input({6}),
       Dense(4, {.activation = [](const Tensor& x) { return ops::log(x); }, .name = "logs"}),
       Dense(3, {.activation = "softmax"})});
  model.compile({.loss = losses::categorical_crossentropy, .run_eagerly = true});
  CHECK_THROWS_WITH_AS(model.fit(s.x, s.y, {.verbose = 0}), Contains("logs] 'log' gave NaN"),
                       RuntimeError);
}

TEST_CASE("fit ends with the moving averages of the weights, if the optimizer keeps them") {
  const Samples s = make_samples(8, {6}, 3);
  Sequential model({Input({6}), Dense(3, {.activation = "softmax"})});
  model.compile({.loss = losses::categorical_crossentropy,
                 .optimizer = optimizers::SGD(0.5, {.use_ema = true, .ema_momentum = 0.5})});
  std::vector<Array> steps;  // the kernel after each step
  const Variable kernel = model.weights()[0];
  struct Watch : Callback {
    explicit Watch(std::function<void()> look) : look(std::move(look)) {}
    void on_train_batch_end(std::int64_t, const Logs&) override { look(); }
    std::function<void()> look;
  };
  const auto watch = std::make_shared<Watch>([&] { steps.push_back(kernel.value().copy()); });
  model.fit(s.x, s.y, {.batch_size = 4, .verbose = 0, .callbacks = {watch}});
  REQUIRE(steps.size() == 2);
  CHECK(max_abs_difference(kernel.value(), steps[0] * 0.5 + steps[1] * 0.5) < 1e-6);
  CHECK(max_abs_difference(kernel.value(), steps[1]) > 1e-3);
}
