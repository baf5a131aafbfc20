#include <banach/models/runtime.hpp>

#include <doctest/doctest.h>
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
