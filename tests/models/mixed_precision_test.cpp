#include <banach/models/runtime.hpp>

#include <doctest/doctest.h>
#include <tests/nn/warnings.hpp>
#include <tests/support/nets.hpp>
#include <tests/support/policy_guard.hpp>
#include <tests/support/tolerance.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

namespace {

Sequential small_net(const DTypePolicy& policy) {
  utils::set_random_seed(3);
  const PolicyGuard guard(policy);
  Sequential model;
  model.add(Conv2D(8, {3, 3}, {.activation = "selu", .input_shape = Shape{10, 10, 1}}));
  model.add(MaxPooling2D());
  model.add(BatchNormalization());
  model.add(AlphaDropout(0.1));
  model.add(Flatten());
  model.add(Dense(32, {.activation = "selu"}));
  model.add(Dense(4, {.activation = "softmax"}));
  model.compile({.loss = losses::categorical_crossentropy,
                 .optimizer = optimizers::Adam(0.01),
                 .metrics = {"accuracy"}});
  return model;
}

}  // namespace

TEST_CASE("mixed_bfloat16 keeps weights, optimizer state and results in float32") {
  Sequential model = small_net("mixed_bfloat16");
  const Samples data = make_samples(40, {10, 10, 1}, 4);
  model.fit(data.x, data.y, {.batch_size = 20, .verbose = 0});
  for (const Variable& weight : model.weights()) CHECK(weight.dtype() == float32);
  for (const Variable& slot : model.optimizer().variables()) CHECK(slot.dtype() != bfloat16);
  const Array y = model.predict(data.x);
  CHECK(y.dtype() == float32);
  CHECK(model.get_layer(0)->compute_dtype() == bfloat16);
  CHECK(model.get_layer(0)->dtype() == float32);
}

TEST_CASE("mixed_bfloat16 predicts and learns as float32 does, to bfloat16's precision") {
  Sequential mixed = small_net("mixed_bfloat16"), plain = small_net("float32");
  mixed.set_weights(plain.get_weights());
  const Samples data = make_samples(400, {10, 10, 1}, 4);
  CHECK(relative_difference(mixed.predict(data.x), plain.predict(data.x)) <= Tolerance::kBfloat16);
  const FitOptions options{.batch_size = 50, .epochs = 6, .verbose = 0};
  const auto before = plain.evaluate(data.x, data.y, {.verbose = 0});
  const double loss = plain.fit(data.x, data.y, options).history.at("loss").back();
  const double mixed_loss = mixed.fit(data.x, data.y, options).history.at("loss").back();
  CHECK(loss < 0.8 * before[0]);
  CHECK(mixed_loss == doctest::Approx(loss).epsilon(0.1));
}

TEST_CASE("mixed_float16 learns as float32 does, to float16's precision") {
  Sequential mixed = small_net("mixed_float16"), plain = small_net("float32");
  mixed.set_weights(plain.get_weights());
  const Samples data = make_samples(400, {10, 10, 1}, 4);
  CHECK(mixed.predict(data.x).dtype() == float32);
  CHECK(relative_difference(mixed.predict(data.x), plain.predict(data.x)) <= Tolerance::kFloat16);
  const FitOptions options{.batch_size = 50, .epochs = 6, .verbose = 0};
  const auto before = plain.evaluate(data.x, data.y, {.verbose = 0});
  const auto last_loss = [&](Sequential& model) {
    utils::set_random_seed(5);  // the same order of samples
    return model.fit(data.x, data.y, options).history.at("loss").back();
  };
  const double loss = last_loss(plain), mixed_loss = last_loss(mixed);
  CHECK(loss < 0.8 * before[0]);
  CHECK(mixed_loss == doctest::Approx(loss).epsilon(0.01));
  for (const Variable& weight : mixed.weights()) CHECK(weight.dtype() == float32);
  CHECK(mixed.optimizer().iterations() == 48);
}

TEST_CASE("compile scales the loss of mixed_float16 alone, and the optimizer stays what it was") {
  Sequential half = small_net("mixed_float16"), brain = small_net("mixed_bfloat16");
  CHECK(half.optimizer().class_name() == "LossScaleOptimizer");
  CHECK(half.compile_options().optimizer.class_name() == "Adam");
  CHECK(brain.optimizer().class_name() == "Adam");
  const CompileOptions options{.loss = "mse", .optimizer = "sgd", .auto_scale_loss = false};
  half.compile(options);
  CHECK(half.optimizer().class_name() == "SGD");
  half.compile(
      {.loss = "mse", .optimizer = optimizers::LossScaleOptimizer("sgd", {.initial_scale = 16})});
  CHECK(half.optimizer().loss_scale()->initial_scale == 16);
}

TEST_CASE("training in float16 without a scaled loss is warned of, and how to get one") {
  Sequential model({Input({4}), Dense(3, {.name = "half", .dtype = "mixed_float16"})},
                   {.name = "net"});
  const CompileOptions plain{.loss = "mse", .optimizer = "sgd"};
  const auto warnings_of_a_step = [&](const CompileOptions& options) {
    model.compile(options);
    WarningRecorder recorder;
    model.train_on_batch(Array({2, 4}), Array({2, 3}));
    std::vector<std::string> told;
    for (std::size_t i = 0; i < recorder.size(); ++i) {
      if (recorder[i].find("vanish") != std::string::npos) told.push_back(recorder[i]);
    }
    return told;
  };
  CHECK(warnings_of_a_step(plain) ==
        std::vector<std::string>{
            "[net] 'half' computes in float16, where small gradients vanish, and the loss is not "
            "scaled, since the model's own policy is float32: set the policy mixed_float16 before "
            "the model is made, or compile it with optimizers::LossScaleOptimizer"});
  CompileOptions scaled = plain;
  scaled.optimizer = optimizers::LossScaleOptimizer("sgd");
  CHECK(warnings_of_a_step(scaled).empty());
  scaled.optimizer = optimizers::SGD(0.1, {.loss_scale_factor = 1024});
  CHECK(warnings_of_a_step(scaled).empty());
}

TEST_CASE("a skipped step leaves constrained weights alone too") {
  const PolicyGuard guard("mixed_float16");
  Sequential model({Input({4}), Dense(3, {.kernel_initializer = "ones",
                                          .kernel_constraint = constraints::MaxNorm(1)})});
  model.compile({.loss = "mse",
                 .optimizer = optimizers::LossScaleOptimizer("sgd", {.initial_scale = 0x1p60})});
  model.train_on_batch(Array::full({2, 4}, 1), Array({2, 3}));
  CHECK(model.optimizer().iterations() == 0);
  CHECK(model.get_weights()[0].flat(0) == 1);
  model.compile({.loss = "mse", .optimizer = optimizers::SGD(0), .auto_scale_loss = false});
  model.train_on_batch(Array::full({2, 4}, 1), Array({2, 3}));
  CHECK(model.get_weights()[0].flat(0) == doctest::Approx(0.5));
}

TEST_CASE("an optimizer may be compiled with again: the new loss scale begins anew") {
  Sequential model = small_net("mixed_float16");
  const Samples data = make_samples(20, {10, 10, 1}, 4);
  model.fit(data.x, data.y, {.verbose = 0});
  model.compile(model.compile_options());
  CHECK(model.optimizer().iterations() == 1);
  CHECK(model.optimizer().loss_scale()->step_counter.value().flat(0) == 0);
  const std::string summary = model.summary_text({.style = SummaryStyle::keras3});
  CHECK(summary.find("Optimizer params") != std::string::npos);
}

TEST_CASE("losses and metrics of a float16 model are float32: many samples are no overflow") {
  const PolicyGuard guard("float16");
  Sequential model({Input({2}), Dense(3000, {.activation = "softmax"})});
  model.compile({.loss = "sparse_categorical_crossentropy",
                 .optimizer = optimizers::LossScaleOptimizer(optimizers::Adam(0.01)),
                 .metrics = {"accuracy"}});
  CHECK(model.weights()[0].dtype() == float16);
  // float16 has no 2049
  const Array labels = Array::full({100}, 2049, int32);
  model.fit(Array::full({100, 2}, 1), labels, {.epochs = 30, .verbose = 0});
  CHECK(model.evaluate(Array::full({100, 2}, 1), labels, {.verbose = 0})[1] == 1);
  Sequential wide({Input({2}), Dense(1, {.kernel_initializer = "ones"})});
  wide.compile({.loss = "mse"});
  const std::int64_t many = 66000;  // more than float16 counts
  const auto score = wide.evaluate(Array::full({many, 2}, 0.5), Array({many, 1}),
                                   {.batch_size = 6000, .verbose = 0});
  CHECK(score[0] == 1);
}

namespace {

// The mean of 1e-3 w x: gradients are far below float16's smallest number once they are averaged.
Sequential tiny_gradients(bool auto_scale_loss) {
  const PolicyGuard guard("mixed_float16");
  Sequential model;
  model.add(Input({4}));
  model.add(Dense(4, {.activation = "linear", .use_bias = false, .kernel_initializer = "ones"}));
  model.add(Rescaling(1e-3));
  model.compile({.loss = [](const Tensor&, const Tensor& y) { return y * 1e-5; },
                 .optimizer = optimizers::SGD(1e7),
                 .auto_scale_loss = auto_scale_loss});
  return model;
}

double first_weight_after_a_step(bool auto_scale_loss, float x) {
  Sequential model = tiny_gradients(auto_scale_loss);
  model.train_on_batch(Array::full({8, 4}, x), Array({8, 4}));
  return model.get_weights()[0].flat(0);
}

}  // namespace

TEST_CASE("gradients that vanish in float16 arrive when the loss is scaled") {
  // d loss / d w = mean of 1e-5 1e-3 x over 8 samples and 4 units, summed over samples
  CHECK(first_weight_after_a_step(false, 1) == 1);
  CHECK(first_weight_after_a_step(true, 1) ==
        doctest::Approx(1 - 1e7 * 1e-8 / 4).epsilon(Tolerance::kFloat16));
}

TEST_CASE("a step that overflows float16 is skipped, and the next has half the scale") {
  Sequential model = small_net("mixed_float16");
  model.compile({.loss = losses::categorical_crossentropy,
                 .optimizer = optimizers::LossScaleOptimizer(optimizers::Adam(0.01),
                                                             {.initial_scale = 0x1p40})});
  const Samples data = make_samples(20, {10, 10, 1}, 4);
  const auto scale = [&] { return model.optimizer().loss_scale()->dynamic_scale.value().flat(0); };
  std::vector<Array> before;
  for (const Variable& weight : model.trainable_weights()) before.push_back(weight.value());
  model.train_on_batch(data.x, data.y);
  CHECK(scale() == 0x1p39);
  CHECK(model.optimizer().iterations() == 0);
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK(max_abs_difference(model.trainable_weights()[i].value(), before[i]) == 0);
  }
  while (model.optimizer().iterations() == 0) model.train_on_batch(data.x, data.y);
  CHECK(scale() < 0x1p39);
  CHECK(scale() > 1);
}

TEST_CASE("run_eagerly lets a loss scale find its gradients' infinities") {
  Sequential model = small_net("mixed_float16");
  model.compile({.loss = losses::categorical_crossentropy,
                 .optimizer = optimizers::LossScaleOptimizer(optimizers::Adam(0.01),
                                                             {.initial_scale = 0x1p40}),
                 .run_eagerly = true});
  const Samples data = make_samples(8, {10, 10, 1}, 4);
  CHECK_NOTHROW(model.train_on_batch(data.x, data.y));
  CHECK(model.optimizer().iterations() == 0);
}

TEST_CASE("a layer's own dtype overrides the global policy") {
  const PolicyGuard guard("mixed_bfloat16");
  Sequential model;
  model.add(Dense(8, {.activation = "relu", .input_shape = Shape{4}}));
  model.add(Dense(3, {.activation = "softmax", .dtype = "float32"}));
  CHECK(model.get_layer(0)->compute_dtype() == bfloat16);
  CHECK(model.get_layer(1)->compute_dtype() == float32);
  model.compile({.loss = losses::categorical_crossentropy, .optimizer = "adam"});
  const auto program = cached_program(model, {Mode::train, {Shape{2, 4}}, {Shape{2, 3}}});
  const std::string dump = program->dump();
  CHECK(dump.find("cast [bfloat16] sequential") != std::string::npos);
}

TEST_CASE("weight gradients of bfloat16 products come in float32 without another pass") {
  Sequential model = small_net("mixed_bfloat16");
  const auto program = cached_program(model, {Mode::train, {Shape{20, 10, 10, 1}}, {Shape{20, 4}}});
  const ContextLease context = program->lease();
  context->run();
  CHECK(program->dump().find("cast [float32] sequential/dense/") == std::string::npos);
}

TEST_CASE("mixed_bfloat16 gives the same bits twice and on any number of threads") {
  const Samples data = make_samples(60, {10, 10, 1}, 4);
  const auto train = [&](int threads) {
    const int before = config::num_threads();
    config::set_num_threads(threads);
    Sequential model = small_net("mixed_bfloat16");
    model.fit(data.x, data.y, {.batch_size = 20, .epochs = 2, .verbose = 0});
    config::set_num_threads(before);
    return model.get_weights();
  };
  const auto one = train(1), two = train(2);
  for (std::size_t i = 0; i < one.size(); ++i) CHECK(max_abs_difference(one[i], two[i]) == 0);
}

TEST_CASE("a layer written by a user computes in bfloat16 without knowing of it") {
  class Scale : public LayerOf<Scale> {
   public:
    using LayerOf::LayerOf;
    void build(const Shape& input_shape) override {
      add_weight(scale_, "scale", {input_shape[-1]}, "ones");
    }
    Tensor call(const Tensor& x, const CallContext&) override { return x * scale_.tensor(); }

   private:
    Variable scale_;
  };
  Scale layer(CommonOptions{.dtype = "mixed_bfloat16"});
  const Array y = layer(Array::of<float>({1, 2, 3, 4}, {2, 2}));
  CHECK(y.dtype() == bfloat16);
  CHECK(y.flat(3) == 4);
}
