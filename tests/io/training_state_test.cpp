// A training that pauses, in memory or in a file, gives the bits of one that did not.
#include <banach/banach.hpp>
#include <banach/formats/zip.hpp>
#include <banach/io/training_member.hpp>
#include <tests/support/nets.hpp>
#include <tests/support/temp_dir.hpp>

#include <cstring>
#include <doctest/doctest.h>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;

namespace {

using Make = std::function<std::shared_ptr<Model>()>;

std::shared_ptr<Model> stack(const Optimizer& optimizer) {
  const auto model = std::make_shared<Sequential>(
      Sequential({Input({6}), Dense(16, {.activation = "selu"}), AlphaDropout(0.2), Dense(8),
                  BatchNormalization(), layers::Activation("relu"), Dropout(0.3),
                  Dense(3, {.activation = "softmax"})}));
  model->compile({.loss = "categorical_crossentropy", .optimizer = optimizer, .metrics = {"acc"}});
  return model;
}

// A dropout that is called twice, one in a model inside, and that model used twice.
std::shared_ptr<Model> shared_parts() {
  AlphaDropout drop(0.3, {.name = "twice"});
  Sequential inner({Input({6}), Dense(6, {.activation = "selu"}), AlphaDropout(0.2)},
                   {.name = "inner"});
  const Tensor x = Input({6});
  const Tensor a = drop(inner(x)), b = drop(Dense(6)(inner(a)));
  const auto model = std::make_shared<Model>(x, Dense(3, {.activation = "softmax"})(Add()({a, b})));
  model->compile({.loss = "categorical_crossentropy"});
  return model;
}

// A layer of one's own whose layers inside nobody named.
class Block final : public LayerOf<Block> {
 public:
  Tensor call(const Tensor& x, const CallContext& context) override {
    return (*drop_)((*dense_)(x), context);
  }
  std::vector<Layer*> sublayers() override { return {dense_.get(), drop_.get()}; }

 private:
  std::shared_ptr<Dense> dense_ = std::make_shared<Dense>(6);
  std::shared_ptr<Dropout> drop_ = std::make_shared<Dropout>(0.3);
};

std::shared_ptr<Model> blocks() {
  const auto model = std::make_shared<Sequential>(
      Sequential({Input({6}), Block(), Block(), Dense(3, {.activation = "softmax"})}));
  model->compile({.loss = "categorical_crossentropy"});
  return model;
}

History fit(Model& model, std::int64_t from, std::int64_t to, const Callbacks& told = {}) {
  const Samples s = make_samples(50, {6}, 3);
  return model.fit(s.x, s.y,
                   {.batch_size = 8,
                    .epochs = to,
                    .verbose = 0,
                    .callbacks = told,
                    .validation_split = 0.2,
                    .initial_epoch = from});
}

void check_same_bits(const Model& a, const Model& b) {
  const auto all = [](const Model& model) {
    std::vector<Variable> variables = model.weights();
    for (const Variable& v : model.optimizer().variables()) variables.push_back(v);
    return variables;
  };
  const std::vector<Variable> left = all(a), right = all(b);
  REQUIRE(left.size() == right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    INFO(left[i].name());
    const Array x = left[i].value(), y = right[i].value();
    REQUIRE(x.nbytes() == y.nbytes());
    CHECK(std::memcmp(x.raw(), y.raw(), x.nbytes()) == 0);
  }
}

// Random parts that are made afterwards differ: what goes on must not need them.
std::shared_ptr<Model> saved_and_loaded(const Model& model) {
  const TempDir dir;
  model.save(dir / "model.keras");
  utils::set_random_seed(99);
  return models::load_model(dir / "model.keras");
}

void check_goes_on(const Make& make) {
  utils::set_random_seed(1);
  const auto straight = make();
  const History whole = fit(*straight, 0, 4);
  utils::set_random_seed(1);
  const auto paused = make();
  fit(*paused, 0, 2);
  const auto loaded = saved_and_loaded(*paused);
  for (const auto& model : {paused, loaded}) {
    utils::set_random_seed(7);
    const History rest = fit(*model, 2, 4);
    check_same_bits(*model, *straight);
    for (const auto& [name, values] : rest.history) {
      CHECK(values ==
            std::vector<double>(whole.history.at(name).begin() + 2, whole.history.at(name).end()));
    }
  }
}

}  // namespace

TEST_CASE("a training goes on to the bit, in memory and from a file") {
  check_goes_on([] { return stack(optimizers::Adam(0.01)); });
  check_goes_on([] { return stack(optimizers::SGD(0.1, {.momentum = 0.9, .nesterov = true})); });
  check_goes_on([] { return stack(optimizers::Nadam(0.01)); });
  check_goes_on([] {
    return stack(
        optimizers::AdamW(optimizers::schedules::CosineDecay(0.01, 12), {.global_clipnorm = 0.5}));
  });
}

TEST_CASE("layers and models that are shared draw their masks as before") {
  check_goes_on(shared_parts);
}

TEST_CASE("layers inside a layer of one's own draw their masks as before, whatever their names") {
  register_layer<Block>();
  check_goes_on(blocks);
}

TEST_CASE("seeds by the names of layers, as banach 0.1 wrote them, are read") {
  const auto model = shared_parts();
  fit(*model, 0, 1);
  Json training = training_json(*model);
  const std::string inside = "inner/" + model->get_layer("inner")->sublayers()[1]->name();
  const Json seeds = training.at("seeds");
  REQUIRE(seeds.as_dict().size() == 2);
  training["seeds"] = Json::dict();
  for (const auto& [path, seed] : seeds.as_dict()) {
    training["seeds"][path.find("sequential") == std::string::npos ? "twice" : inside] = seed;
  }
  CHECK_THROWS_AS(read_training(training, *stack("adam"), "m"), Corruption);
  read_training(training, *model, "m");
  CHECK(training_json(*model).at("seeds") == seeds);
}

TEST_CASE(
    "a checkpoint of any epoch goes on to the bit: averages and a learning rate set by hand") {
  const auto make = [] {
    utils::set_random_seed(1);
    return stack(optimizers::Adam(0.01, {.use_ema = true, .ema_overwrite_frequency = 5}));
  };
  const TempDir dir;
  const Callbacks told = {callbacks::LearningRateScheduler([](std::int64_t epoch, double rate) {
                            return epoch % 2 == 1 ? rate * 0.7 : rate;
                          }),
                          callbacks::ModelCheckpoint(dir / "{epoch}.keras")};
  const auto straight = make();
  fit(*straight, 0, 4, told);
  for (std::int64_t epoch = 1; epoch < 4; ++epoch) {
    const auto loaded = models::load_model(dir / (std::to_string(epoch) + ".keras"));
    CHECK(loaded->training_state().epochs == epoch);
    fit(*loaded, epoch, 4, told);
    check_same_bits(*loaded, *straight);
  }
}

TEST_CASE("a fit that does not begin where the last ended shuffles anew") {
  const auto model = stack("adam");
  fit(*model, 0, 2);
  const auto seed = model->training_state().shuffle_seed;
  fit(*model, 2, 3);
  CHECK(model->training_state().shuffle_seed == seed);
  CHECK(model->training_state().epochs == 3);
  fit(*model, 0, 1);
  CHECK(model->training_state().shuffle_seed != seed);
  CHECK(model->training_state().epochs == 1);
}

TEST_CASE("callbacks are told of an epoch's end when it counts as done") {
  const auto model = stack("adam");
  std::vector<std::int64_t> done;
  fit(*model, 0, 2, {callbacks::LambdaCallback({.on_epoch_end = [&](std::int64_t, Logs&) {
    done.push_back(model->training_state().epochs);
  }})});
  CHECK(done == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("what started the training finds what it has left there") {
  const auto model = stack("adam");
  model->training_state().run = Json::dict({{"batch_size", 8}, {"data", "a.csv"}});
  fit(*model, 0, 1);
  CHECK(saved_and_loaded(*model)->training_state().run == model->training_state().run);
}

TEST_CASE("only a training that can go on is kept in a file") {
  const auto member = [](const std::string& path) {
    return formats::ZipReader(formats::ByteSource(path)).contains("banach_training.json");
  };
  const TempDir dir;
  const auto model = stack("adam");
  model->save(dir / "new.keras");
  CHECK_FALSE(member(dir / "new.keras"));
  fit(*model, 0, 1);
  saving::save_model(*model, dir / "weights.keras", {.include_optimizer = false});
  CHECK_FALSE(member(dir / "weights.keras"));
  model->save(dir / "trained.keras");
  CHECK(member(dir / "trained.keras"));
  const auto alone = models::load_model(dir / "trained.keras", {.compile = false});
  CHECK(alone->training_state().epochs == 0);
}

TEST_CASE("a seed keeps all its bits in JSON") {
  TrainingState state{3, 0xFFFF'FFFF'FFFF'FFFF, "text"}, read;
  from_json(to_json(state), read);
  CHECK(read.epochs == 3);
  CHECK(read.shuffle_seed == state.shuffle_seed);
  CHECK(read.run == state.run);
}
