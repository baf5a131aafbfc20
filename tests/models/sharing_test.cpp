// What would force a rewrite if the design could not do it: shared layers, sub-models, frozen
// layers, state that changes in a step.
#include <banach/models/runtime.hpp>
#include <doctest/doctest.h>
#include <tests/support/nets.hpp>

using namespace banach;
using namespace banach::layers;
using banach::testing::make_samples;
using banach::testing::Samples;

namespace {

const CompileOptions kClassifier{
    .loss = losses::categorical_crossentropy, .optimizer = "sgd", .metrics = {"accuracy"}};

FitOptions quiet(std::int64_t epochs, std::int64_t batch_size = 16) {
  return {.batch_size = batch_size, .epochs = epochs, .verbose = 0};
}

bool same(const Array& a, const Array& b) { return max_abs_difference(a, b) == 0; }

// Counts the batches it has seen in training and adds nothing to its input: a custom layer with
// state, as a user writes it.
class BatchCounter : public LayerOf<BatchCounter> {
 public:
  void build(const Shape&) override { add_weight(count_, "count", {}, "zeros", false); }
  Tensor call(const Tensor& x, const CallContext& context) override {
    if (context.training) count_.assign(count_.tensor() + 1.0);
    return x;
  }
  double count() const { return count_.value().flat(0); }

 private:
  Variable count_;
};

// y = scale x + shift with one number each: forward only, the gradient follows.
class Affine : public LayerOf<Affine> {
 public:
  void build(const Shape&) override {
    add_weight(scale_, "scale", {}, "ones");
    add_weight(shift_, "shift", {}, "zeros");
  }
  Tensor call(const Tensor& x, const CallContext&) override {
    return x * scale_.tensor() + shift_.tensor();
  }

 private:
  Variable scale_, shift_;
};

// x + two dense layers: a layer made of layers, which it lists.
class Residual : public LayerOf<Residual> {
 public:
  Tensor call(const Tensor& x, const CallContext&) override {
    return x + second_(drop_(first_(x)));
  }
  std::vector<Layer*> sublayers() override { return {&first_, &drop_, &second_}; }

 private:
  Dense first_{8, {.activation = "relu"}}, second_{6};
  Dropout drop_{0.5};
};

// The same, but nobody knows of its layer.
class Forgetful : public LayerOf<Forgetful> {
 public:
  Tensor call(const Tensor& x, const CallContext&) override { return inner_(x); }

 private:
  Dense inner_{6};
};

}  // namespace

TEST_CASE("a layer in two models has one set of weights") {
  const Samples samples = make_samples(64, {6}, 3);
  Dense shared(5, {.activation = "tanh"});
  Sequential a({Input({6}), shared, Dense(3, {.activation = "softmax"})});
  Sequential b({Input({6}), shared, Dense(3, {.activation = "softmax"})});
  a.compile(kClassifier);
  b.compile({.loss = losses::categorical_crossentropy, .optimizer = "sgd"});
  const Array before = b.predict(samples.x);
  const Array kernel = shared.get_weights()[0];
  a.fit(samples.x, samples.y, quiet(2));
  CHECK_FALSE(same(shared.get_weights()[0], kernel));
  CHECK_FALSE(same(b.predict(samples.x), before));
  CHECK(same(a.get_layer(0)->get_weights()[0], b.get_layer(0)->get_weights()[0]));
  b.fit(samples.x, samples.y, quiet(1));
  CHECK(same(a.get_layer(0)->get_weights()[0], shared.get_weights()[0]));
}

TEST_CASE("a model is a layer of another, and trains with it") {
  const Samples samples = make_samples(96, {6}, 3);
  Sequential features({Input({6}), Dense(8, {.activation = "selu"}), AlphaDropout(0.1)});
  Sequential whole({features, Dense(3, {.activation = "softmax"})});
  whole.compile({.loss = losses::categorical_crossentropy, .optimizer = optimizers::Adam(0.02)});
  const Array before = features.predict(samples.x);
  const History history = whole.fit(samples.x, samples.y, quiet(10));
  CHECK(history.history.at("loss").back() < history.history.at("loss").front());
  CHECK_FALSE(same(features.predict(samples.x), before));
  CHECK(whole.weights().size() == 4);
  CHECK(whole.count_params() == 6 * 8 + 8 + 8 * 3 + 3);
}

TEST_CASE("frozen layers keep their weights; unfrozen ones learn again") {
  const Samples samples = make_samples(64, {6}, 3);
  Dense first(8, {.activation = "relu"});
  Sequential model({Input({6}), first, Dense(3, {.activation = "softmax"})});
  model.compile(kClassifier);
  first.set_trainable(false);
  CHECK(model.trainable_weights().size() == 2);
  const Array kernel = first.get_weights()[0];
  const Array head = model.get_layer(1)->get_weights()[0];
  model.fit(samples.x, samples.y, quiet(2));
  CHECK(same(first.get_weights()[0], kernel));
  CHECK_FALSE(same(model.get_layer(1)->get_weights()[0], head));
  first.set_trainable(true);
  model.fit(samples.x, samples.y, quiet(1));
  CHECK_FALSE(same(first.get_weights()[0], kernel));
}

TEST_CASE("a weight that was frozen for a while goes on with its slots and averages") {
  const Samples samples = make_samples(64, {6}, 3);
  Dense first(8, {.activation = "relu"});
  Sequential model({Input({6}), first, Dense(3, {.activation = "softmax"})});
  const auto adam = optimizers::Adam(0.01, {.use_ema = true, .ema_momentum = 0.9});
  model.compile({.loss = losses::categorical_crossentropy, .optimizer = adam});
  // iteration, learning rate, an average for each weight, then momentum and velocity of the first
  const auto momentum = [&] { return model.optimizer().variables()[2 + 4].value(); };
  model.fit(samples.x, samples.y, quiet(2));
  const Array before = momentum(), kernel = first.get_weights()[0];
  first.set_trainable(false);
  model.fit(samples.x, samples.y, quiet(1));
  first.set_trainable(true);
  model.optimizer().build(model.trainable_weights());
  CHECK(same(momentum(), before));
  model.fit(samples.x, samples.y, quiet(1, 64));
  CHECK_FALSE(same(momentum(), before));
  CHECK(max_abs_difference(first.get_weights()[0], kernel) < 0.05);  // an average of zeros is not
}

TEST_CASE("an optimizer belongs to one model, a name makes one for each") {
  const Samples samples = make_samples(64, {6}, 3);
  const CompileOptions shared{.loss = "mse", .optimizer = optimizers::Adam()};
  Sequential a({Input({6}), Dense(3)}), b({Input({6}), Dense(3)});
  a.compile(shared);
  CHECK_NOTHROW(a.compile(shared));
  CHECK_THROWS_WITH_AS(b.compile(shared),
                       "[compile] the optimizer 'adam' belongs to another model, whose state it "
                       "keeps: give each model one of its own",
                       InvalidArgument);
  a.compile(kClassifier);
  b.compile(kClassifier);
  a.fit(samples.x, samples.y, quiet(1));
  CHECK(a.optimizer().iterations() == 4);
  CHECK(b.optimizer().iterations() == 0);
  a.optimizer().set_learning_rate(0.5);
  CHECK(b.optimizer().learning_rate() == doctest::Approx(0.01));
  CHECK(to_json(b.compile_options().optimizer).at("config").at("learning_rate").as_double() < 0.1);
  Optimizer fast = "sgd";
  fast.set_learning_rate(0.25);
  a.compile({.loss = "mse", .optimizer = fast});
  b.compile({.loss = "mse", .optimizer = fast});
  CHECK(b.optimizer().learning_rate() == 0.25);
}

TEST_CASE("a loss may ask another network, whose weights are not the model's") {
  const Samples samples = make_samples(32, {6}, 3);
  Sequential judge({Input({3}), Dense(4)}), model({Input({6}), Dense(3)});
  const auto distance = [judge](const Tensor& y, const Tensor& p) mutable {
    return ops::mean(ops::square(judge(y) - judge(p)), {-1});
  };
  const Array before = judge.get_weights()[0], kernel = model.get_weights()[0];
  model.compile({.loss = distance});
  model.fit(samples.x, samples.y, quiet(1));
  CHECK(same(judge.get_weights()[0], before));
  CHECK_FALSE(same(model.get_weights()[0], kernel));
}

TEST_CASE("a layer made of layers trains them, and they know whether it is training") {
  const Samples samples = make_samples(64, {6}, 3);
  Residual residual;
  Sequential model({Input({6}), residual, Dense(3, {.activation = "softmax"})});
  CHECK(model.weights().size() == 6);
  CHECK(model.is_built());
  const Array kernel = residual.get_weights()[0];
  model.compile(kClassifier);
  model.fit(samples.x, samples.y, quiet(1));
  CHECK_FALSE(same(residual.get_weights()[0], kernel));
  const Array once = residual(samples.x, {.training = true});
  CHECK_FALSE(same(residual(samples.x, {.training = true}), once));
  CHECK(same(residual(samples.x), residual(samples.x)));
}

TEST_CASE(
    "weights that a layer reads and does not report are an error, not a training of nothing") {
  const Samples samples = make_samples(64, {6}, 3);
  Sequential model({Input({6}), Forgetful(), Dense(3, {.activation = "softmax"})});
  model.compile(kClassifier);
  CHECK_THROWS_WITH_AS(model.fit(samples.x, samples.y, quiet(1)),
                       doctest::Contains("is read by a layer that does not report it: a class with "
                                         "layers inside overrides sublayers()"),
                       InvalidArgument);
}

TEST_CASE("a layer may be built by hand, and a model that is built begins another") {
  Dense dense(3);
  dense.build({kUnknown, 6});
  CHECK(dense.is_built());
  const Array kernel = dense.get_weights()[0];
  Sequential inner({Input({6}), dense}), outer({inner, Dense(2)});
  CHECK(same(dense.get_weights()[0], kernel));
  CHECK(outer.is_built());
  CHECK(outer.weights().size() == 4);
}

TEST_CASE("a layer added after a prediction is in the next one") {
  Sequential model({Input({6}), Dense(3)});
  const Array x = Array::full({2, 6}, 1);
  model.predict(x);
  model.add(Activation("sigmoid"));
  CHECK(model.predict(x).flat(0) > 0);
  model.add(Dense(5));
  CHECK(model.predict(x).shape() == Shape{2, 5});
}

TEST_CASE("batch normalization moves its averages in training and not in evaluation") {
  const Samples samples = make_samples(64, {6}, 3);
  BatchNormalization norm({.momentum = 0.5});
  Sequential model({Input({6}), norm, Dense(3, {.activation = "softmax"})});
  model.compile(kClassifier);
  model.evaluate(samples.x, samples.y, {.verbose = 0});
  CHECK(same(norm.get_weights()[2], Array({6})));
  model.fit(samples.x, samples.y, quiet(1, 64));
  const Array first_column_mean = norm.get_weights()[2];
  double expected = 0;
  for (std::int64_t i = 0; i < 64; ++i) expected += samples.x.at({i, 0}) / 64;
  CHECK(first_column_mean.flat(0) == doctest::Approx(0.5 * expected).epsilon(1e-5));
  norm.set_trainable(false);
  model.fit(samples.x, samples.y, quiet(1, 64));
  CHECK(same(norm.get_weights()[2], first_column_mean));
}

TEST_CASE("a custom layer keeps state over the steps of a fit") {
  const Samples samples = make_samples(50, {6}, 3);
  BatchCounter counter;
  Sequential model({Input({6}), counter, Dense(3, {.activation = "softmax"})});
  model.compile(kClassifier);
  model.fit(samples.x, samples.y, quiet(3, 16));
  CHECK(counter.count() == 3 * 4);
  model.predict(samples.x);
  CHECK(counter.count() == 12);
  CHECK(counter.name() == "batch_counter");
}

TEST_CASE("custom layers and losses are forward only") {
  const Samples samples = make_samples(128, {4}, 2);
  Affine affine;
  Sequential model({Input({4}), affine, Dense(2)});
  model.compile({.loss =
                     [](const Tensor& y_true, const Tensor& y_pred) {
                       return ops::mean(
                           ops::absolute(y_true - y_pred) + 0.1 * ops::square(y_true - y_pred),
                           {-1});
                     },
                 .optimizer = optimizers::Adam(0.05)});
  const History history = model.fit(samples.x, samples.y, quiet(15));
  CHECK(history.history.at("loss").back() < 0.7 * history.history.at("loss").front());
  CHECK(affine.get_weights()[0].flat(0) != 1);
}

TEST_CASE("the last, smaller batch counts exactly") {
  const Samples samples = make_samples(50, {6}, 3);
  Sequential model({Input({6}), Dense(3, {.activation = "softmax"})});
  model.compile({.loss = losses::categorical_crossentropy,
                 .optimizer = optimizers::SGD(0),
                 .metrics = {"accuracy"}});
  const auto whole = model.evaluate(samples.x, samples.y, {.batch_size = 50, .verbose = 0});
  const auto parts = model.evaluate(samples.x, samples.y, {.batch_size = 16, .verbose = 0});
  CHECK(parts[0] == doctest::Approx(whole[0]).epsilon(1e-6));
  CHECK(parts[1] == whole[1]);
  const History history = model.fit(samples.x, samples.y, quiet(1, 16));  // learning rate 0
  CHECK(history.history.at("loss")[0] == doctest::Approx(whole[0]).epsilon(1e-6));
  CHECK(history.history.at("accuracy")[0] == whole[1]);
}

TEST_CASE("samples of weight 0 change nothing") {
  const Samples samples = make_samples(64, {6}, 3);
  Array spoiled = samples.x.copy();
  Array weights = Array::full({64}, 1);
  for (std::int64_t i = 0; i < 64; i += 2) {
    weights.mutable_values<float>()[i] = 0;
    for (int j = 0; j < 6; ++j) spoiled.mutable_values<float>()[i * 6 + j] = 100;
  }
  const auto train = [&](const Array& x) {
    utils::set_random_seed(5);
    Sequential model({Input({6}), Dense(3, {.activation = "softmax"})});
    model.compile(kClassifier);
    FitOptions options = quiet(3);
    options.sample_weight = weights;
    model.fit(x, samples.y, options);
    return model.get_weights()[0];
  };
  CHECK(same(train(samples.x), train(spoiled)));
}
