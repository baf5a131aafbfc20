#include <banach/banach.hpp>
#include <banach/io/compile_config.hpp>
#include <banach/models/architecture.hpp>
#include <banach/models/snn_check.hpp>
#include <banach/models/snn_network.hpp>

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <limits>
#include <tests/support/check_layer.hpp>
#include <tests/support/nets.hpp>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;
using doctest::Contains;
using Lines = std::vector<std::string>;
using snn::CheckReport;
using snn::Severity;

namespace {

Lines lines(const CheckReport& report, Severity severity) {
  Lines result;
  for (const snn::Finding& finding : report.findings) {
    if (finding.severity == severity) result.push_back(finding.str());
  }
  return result;
}
Lines warnings(const Model& model) { return lines(snn::check(model), Severity::warning); }
Lines notes(const Model& model) { return lines(snn::check(model), Severity::note); }

// The one warning of a model.
std::string warning(const Model& model) {
  const Lines all = warnings(model);
  CAPTURE(snn::check(model).str());
  REQUIRE(all.size() == 1);
  return all.front();
}

Dense selu(const std::string& name, const Initializer& kernel = "lecun_normal",
           const Initializer& bias = "zeros") {
  return Dense(
      8,
      {.activation = "selu", .kernel_initializer = kernel, .bias_initializer = bias, .name = name});
}

Sequential around(const Initializer& kernel, std::int64_t inputs = 6) {
  return Sequential({Input({inputs}), selu("a", kernel), Dense(2, {.name = "out"})});
}

// What compile() warns of.
Lines warned_at_compile(Model& model, const CompileOptions& options = {.loss = "mse"}) {
  Lines result;
  const auto before =
      config::set_warning_handler([&](std::string_view message) { result.emplace_back(message); });
  model.compile(options);
  config::set_warning_handler(before);
  return result;
}

// Doubles what it gets.
class Twice final : public LayerOf<Twice> {
 public:
  using LayerOf::LayerOf;
  Tensor call(const Tensor& x, const CallContext&) override { return x * 2; }
};

const snn::LayerReport& row(const CheckReport& report, const std::string& name) {
  const auto found = std::ranges::find(report.layers, name, &snn::LayerReport::name);
  REQUIRE(found != report.layers.end());
  return *found;
}

}  // namespace

TEST_CASE("the tutorial's network has no warnings, and notes on its rate and its data") {
  Sequential model = tutorial_net();
  CHECK(warned_at_compile(model).empty());
  CHECK(warnings(model).empty());
  const Lines found = notes(model);
  REQUIRE(found.size() == 1);
  CHECK_MESSAGE(found[0].find("a rate of 0.25 is above") != std::string::npos, found[0]);
  Array x({64, 28, 28, 1});
  for (float& value : x.mutable_values<float>()) value = 0.1F;
  const CheckReport report = snn::check(model, x);
  CHECK(report.count(Severity::warning) == 0);
  const Lines with_data = lines(report, Severity::note);
  REQUIRE(with_data.size() == 2);
  CHECK_MESSAGE(with_data[1].find("the data has mean 0.1 and variance") != std::string::npos,
                with_data[1]);
}

TEST_CASE("selu needs initial weights of variance 1 / fan_in") {
  using namespace initializers;
  for (const Initializer& right :
       {LecunNormal(), LecunUniform(), VarianceScaling(),
        VarianceScaling({.distribution = "uniform"}), RandomNormal(0, std::sqrt(1 / 6.)),
        VarianceScaling({.scale = 7. / 6, .mode = "fan_avg"})}) {
    CAPTURE(right.name());
    CHECK(warnings(around(right)).empty());
  }
  CHECK(warning(around("glorot_uniform")) ==
        "a: selu needs initial weights of variance 1 / fan_in, which GlorotUniform does not give "
        "(a unit's squares sum to 0.857 on average, not 1): use .kernel_initializer = "
        "\"lecun_normal\"");
  CHECK(warning(around("glorot_normal", 8)).find("happens to, at this size") != std::string::npos);
  CHECK(warning(around(HeNormal())).find("sum to 2 on") != std::string::npos);
  CHECK(warning(around(VarianceScaling({.scale = 2}))).find("VarianceScaling") !=
        std::string::npos);
  CHECK(warning(around(Zeros())).find("sum to 0 on") != std::string::npos);
  CHECK(warning(around(Constant(0.5))).find("sum to 1.5 on") != std::string::npos);
  CHECK(warning(around(RandomNormal(0.3, 0.01))).find("RandomNormal") != std::string::npos);
  CHECK(warning(around(RandomUniform())).find("sum to 0.005 on") != std::string::npos);
  const Initializer own("Own", [](const Shape& shape, DType dtype) { return Array(shape, dtype); });
  CHECK(warnings(around(own)).empty());
  CHECK(notes(around(own)).at(0).find("is a function of your own") != std::string::npos);
}

TEST_CASE("the weighted sums may be a layer's of their own, and what else feeds it is no matter") {
  const auto model = [](const char* initializer) {
    return Sequential({Input({8, 8, 1}),
                       Conv2D(4, {3, 3}, {.kernel_initializer = initializer, .name = "sums"}),
                       Flatten(), layers::Activation("selu"), Dense(2)});
  };
  CHECK(warnings(model("lecun_uniform")).empty());
  CHECK(warning(model("glorot_uniform")).starts_with("sums: selu needs"));
  Sequential alone({Input({4}), layers::Activation("selu")});
  CHECK(snn::check(alone).has_selu);
  CHECK(warnings(alone).empty());
}

TEST_CASE("a unit of DepthwiseConv2D has one channel, of which Keras' fan_in knows nothing") {
  const auto model = [](const Initializer& initializer, std::int64_t channels) {
    return Sequential(
        {Input({8, 8, channels}), DepthwiseConv2D({3, 3}, {.activation = "selu",
                                                           .depthwise_initializer = initializer,
                                                           .name = "wise"})});
  };
  CHECK(warnings(model("lecun_normal", 1)).empty());
  CHECK(warnings(model(initializers::VarianceScaling({.scale = 16}), 16)).empty());
  const std::string found = warning(model("lecun_normal", 16));
  CHECK(found.find("sum to 0.0625 on average") != std::string::npos);
  CHECK(found.find(".depthwise_initializer = initializers::VarianceScaling") != std::string::npos);

  utils::set_random_seed(3);
  const auto variance_of = [](const Model& net, std::int64_t channels) {
    const Array x = normal_array({16, 8, 8, channels}, 1);
    return row(snn::check(net, x), "wise").measured->variance;
  };
  CHECK(variance_of(model("lecun_normal", 64), 64) < 0.05);
  CHECK(variance_of(model(initializers::VarianceScaling({.scale = 64}), 64), 64) ==
        doctest::Approx(1).epsilon(0.2));
}

TEST_CASE("biases of selu's layers begin at 0") {
  const auto model = [](const Initializer& bias) {
    return Sequential({Input({6}), selu("a", "lecun_normal", bias), Dense(2)});
  };
  CHECK(warnings(model(initializers::Constant(0))).empty());
  CHECK(warning(model("ones")) ==
        "a: selu needs biases that begin at 0, bias_initializer is Ones: leave out "
        ".bias_initializer");
  Sequential without({Input({6}), Dense(8, {.activation = "selu",
                                            .use_bias = false,
                                            .kernel_initializer = "lecun_normal",
                                            .bias_initializer = "ones"})});
  CHECK(warnings(without).empty());
}

TEST_CASE("Dropout stands neither behind nor in front of selu") {
  Sequential behind({Input({6}), selu("a"), Flatten(), Dropout(0.3, {.name = "drop"}), Dense(2)});
  CHECK(warning(behind) ==
        "drop: Dropout behind 'a' changes the mean and variance that selu keeps: use "
        "AlphaDropout(0.3)");
  Sequential in_front({Input({6}), Dense(4, {.activation = "relu"}), Dropout(0.3, {.name = "drop"}),
                       selu("a"), Dense(2)});
  CHECK(warning(in_front).find("Dropout in front of 'a'") != std::string::npos);
  Sequential between({Input({6}), Dense(4, {.kernel_initializer = "lecun_normal"}),
                      Dropout(0.3, {.name = "drop"}), layers::Activation("selu")});
  CHECK(warning(between).find("Dropout in front of 'activation") != std::string::npos);
  Sequential apart(
      {Input({6}), selu("a"), Dense(4, {.activation = "relu"}), Dropout(0.3), Dense(2)});
  CHECK(warnings(apart).empty());
  CHECK(warnings(Sequential({Input({6}), selu("a"), Dropout(0), Dense(2)})).empty());
}

TEST_CASE("BatchNormalization stands beside selu only where it standardises the data") {
  Sequential behind({Input({6}), selu("a"), BatchNormalization({.name = "norm"}), Dense(2)});
  CHECK(warning(behind).find("norm: BatchNormalization behind 'a' normalizes") == 0);
  Sequential between({Input({6}), Dense(4, {.kernel_initializer = "lecun_normal"}),
                      BatchNormalization({.name = "norm"}),
                      layers::Activation("selu", {.name = "act"}), Dense(2)});
  CHECK(warning(between).find("norm: BatchNormalization in front of 'act'") == 0);
  Sequential data({Input({6}), Rescaling(1. / 255), BatchNormalization(), selu("a"), Dense(2)});
  CHECK(warnings(data).empty());
}

TEST_CASE("AlphaDropout is for selu's outputs") {
  Sequential right(
      {Input({6, 6, 1}),
       Conv2D(4, {3, 3}, {.activation = activations::selu, .kernel_initializer = "lecun_normal"}),
       AlphaDropout(0.1), MaxPooling2D(2), AlphaDropout(0.1), Flatten(), Dense(2)});
  CHECK(warnings(right).empty());
  CHECK(notes(right).empty());
  Sequential relu({Input({6}), Dense(4, {.activation = "relu", .name = "hidden"}),
                   AlphaDropout(0.1, {.name = "drop"}), Dense(2)});
  CHECK(warning(relu) ==
        "drop: AlphaDropout keeps mean and variance of selu's outputs, but it is behind 'hidden' "
        "(Dense): use Dropout there, or selu in that layer");
  Sequential first({AlphaDropout(0.1), selu("a")});  // not built
  CHECK(warning(first).find("it is behind the input") != std::string::npos);
}

TEST_CASE("selu and AlphaDropout keep the same moments") {
  const auto model = [](const snn::FixedPoint& point) {
    return Sequential({Input({6}),
                       Dense(4, {.activation = activations::Selu({.mean = 0, .variance = 2}),
                                 .kernel_initializer = "lecun_normal",
                                 .name = "a"}),
                       AlphaDropout(0.1, {.fixed_point = point, .name = "drop"}), Dense(2)});
  };
  CHECK(warnings(model({0, 2})).empty());
  CHECK(warning(model({})) ==
        "drop: AlphaDropout keeps mean 0 and variance 1, 'a' has 0 and 2: give both the same "
        ".fixed_point");
  CHECK_FALSE(row(snn::check(model({0, 2})), "a").outside.has_value());
}

TEST_CASE("deep networks are noted for their gradients") {
  const auto model = [](int depth) {
    Sequential net(SequentialOptions{.input_shape = Shape{8}});
    for (int i = 0; i < depth; ++i) net.add(selu("s" + std::to_string(i)));
    return net;
  };
  CHECK(notes(model(31)).empty());
  const Lines found = notes(model(64));
  REQUIRE(found.size() == 1);
  CHECK(
      found[0].starts_with("s63: it is the last of 64 selu layers in a row; each multiplies the "
                           "mean square of gradients by 1.0716, all by 77.9: "));
}

TEST_CASE("a model with no selu has nothing to check, and layers of one's own are skipped") {
  Sequential relu({Input({6}), Dense(4, {.activation = "relu"}), BatchNormalization(), Dropout(0.5),
                   Twice(), Dense(2)});
  const CheckReport report = snn::check(relu);
  CHECK_FALSE(report.has_selu);
  CHECK(report.findings.empty());
  CHECK(report.str() ==
        "Self-normalization of '" + relu.name() + "': no layer has selu, nothing to check\n");
  Sequential own({Input({6}), selu("a"), Twice({.name = "twice"}), AlphaDropout(0.1),
                  Dense(4, {.activation = ActivationFunction([](const Tensor& x) { return x; })}),
                  AlphaDropout(0.1), Dense(2)});
  CHECK(warnings(own).empty());
  const Lines found = notes(own);
  REQUIRE(found.size() == 1);
  CHECK(found[0].starts_with("twice: Twice is a class of your own and was skipped"));
}

TEST_CASE("every layer of the library is known, and checking draws no random numbers") {
  for (const LayerRow& registered : layer_registry()) {
    CAPTURE(registered.class_name);
    const auto network = snn::detail::network_of({{{registered.make(), "it", "it", {}, {}}}, {}});
    CHECK(network.nodes.at(0).kind != snn::detail::LayerKind::own);
  }
  Sequential model = tutorial_net();
  utils::set_random_seed(1);
  snn::check(model);
  const Array drawn = initializers::LecunNormal()({4, 4});
  utils::set_random_seed(1);
  CHECK(max_abs_difference(initializers::LecunNormal()({4, 4}), drawn) == 0);
}

TEST_CASE("branches, shared layers and models inside are followed") {
  const Tensor x = Input({8}, {.name = "x"});
  Dense shared = selu("shared", "glorot_uniform");
  Sequential inner({selu("first"), Dropout(0.2, {.name = "drop"})}, {.name = "inner"});
  const Tensor left = shared(x), right = inner(shared(left));
  const Tensor joined = AlphaDropout(0.1, {.name = "alpha"})(Concatenate()({left, right}));
  const Tensor sum = AlphaDropout(0.1, {.name = "after_sum"})(Add({.name = "add"})({left, left}));
  Model model(x, {Dense(2, {.name = "y"})(joined), Dense(2, {.name = "z"})(sum)});
  const Lines found = warnings(model);
  CAPTURE(snn::check(model).str());
  REQUIRE(found.size() == 4);
  CHECK(found[0].starts_with("shared: selu needs initial weights"));
  CHECK(found[1].starts_with("inner/drop: Dropout behind 'inner/first'"));
  CHECK(found[2].starts_with("alpha: AlphaDropout keeps"));  // of what Dropout gives
  CHECK(found[3].find("it is behind 'add' (Add)") != std::string::npos);
  const CheckReport measured = snn::check(model, normal_array({32, 8}, 1));
  CHECK(row(measured, "shared#2").measured->variance != row(measured, "shared").measured->variance);
}

TEST_CASE("compile says what is wrong, in a line each, or refuses") {
  Sequential model({selu("a", "glorot_uniform"), Dropout(0.5, {.name = "drop"}), Dense(2)},
                   {.name = "net"});  // what its initializers are is known before it is built
  const Lines said = warned_at_compile(model);
  REQUIRE(said.size() == 2);
  CHECK(said[0] ==
        "[net] a: selu needs initial weights of variance 1 / fan_in, which GlorotUniform does not "
        "give: use .kernel_initializer = \"lecun_normal\"");
  CHECK(said[1].starts_with("[net] drop: Dropout behind 'a'"));
  CHECK(warned_at_compile(model, {.loss = "mse", .snn_check = SnnCheck::off}).empty());
  Sequential other({selu("a", "he_normal"), Dense(2)}, {.name = "other"});
  CHECK_THROWS_WITH_AS(other.compile({.loss = "mse", .snn_check = SnnCheck::error}),
                       Contains("[other] it does not normalize itself: a: selu needs"),
                       InvalidArgument);
  CHECK_FALSE(other.is_compiled());
  Sequential right = tutorial_net();
  CHECK_NOTHROW(right.compile({.loss = "mse", .snn_check = SnnCheck::error}));
}

TEST_CASE("what compile() writes into files knows nothing of the check") {
  CHECK(compile_config({.snn_check = SnnCheck::error}) == compile_config({}));
  CHECK(parse_compile_config(compile_config({})).snn_check == SnnCheck::off);
}

TEST_CASE("sums of the weights, and where they are in theorem 1's domain") {
  utils::set_random_seed(5);
  Sequential model(
      {Input({256}),
       Dense(200, {.activation = "selu", .kernel_initializer = "lecun_normal", .name = "a"})});
  const snn::LayerReport fresh = row(snn::check(model), "a");
  REQUIRE(fresh.weights.has_value());
  CHECK(fresh.weights->units == 200);
  CHECK(std::abs(fresh.weights->mean.omega) < 0.25);
  CHECK(fresh.weights->spread.omega == doctest::Approx(1).epsilon(0.15));
  CHECK(fresh.weights->mean.tau == doctest::Approx(1).epsilon(0.03));
  CHECK(fresh.weights->spread.tau == doctest::Approx(std::sqrt(2. / 256)).epsilon(0.4));
  CHECK(fresh.weights->inside < 0.3);
  CHECK(fresh.outside == std::vector<std::string>{});
  CHECK(fresh.expected->mean == doctest::Approx(0).epsilon(0.02));
  CHECK(fresh.expected->variance == doctest::Approx(1).epsilon(0.03));

  Array kernel = Array({256, 200});
  for (float& w : kernel.mutable_values<float>()) w = 0.1F;
  model.set_weights({kernel, Array({200})});
  const snn::LayerReport trained = row(snn::check(model), "a");
  CHECK(trained.weights->mean.omega == doctest::Approx(25.6));
  CHECK(trained.weights->mean.tau == doctest::Approx(2.56));
  CHECK(trained.weights->spread.tau == doctest::Approx(0).epsilon(1e-6));
  CHECK(trained.outside == std::vector<std::string>{"omega", "tau"});
  const auto g = snn::mean_variance_map({}, {25.6, 2.56});
  CHECK(trained.expected->variance == doctest::Approx(g.variance).epsilon(1e-6));
}

TEST_CASE("what is measured is what the layers give, and what theory expects") {
  utils::set_random_seed(7);
  const Array x = normal_array({300, 64}, 2);
  Sequential model(
      {Input({64}),
       Dense(128, {.activation = "selu", .kernel_initializer = "lecun_normal", .name = "a"}),
       AlphaDropout(0.05, {.name = "drop"}),
       Dense(128, {.activation = "relu", .kernel_initializer = "he_normal", .name = "b"}),
       Dense(5, {.activation = "tanh", .name = "c"})});
  const CheckReport report = snn::check(model, x);
  const Array a = Model(model.inputs()[0], model.layer_output("a")).predict(x);
  const Array c = model.predict(x);
  CHECK(row(report, "a").measured->mean == doctest::Approx(mean(a)).epsilon(1e-6));
  CHECK(row(report, "a").measured->variance == doctest::Approx(variance(a)).epsilon(1e-6));
  CHECK(row(report, "drop").measured == row(report, "a").measured);
  CHECK(row(report, "c").measured->variance == doctest::Approx(variance(c)).epsilon(1e-6));
  for (const char* name : {"a", "b"}) {
    const snn::LayerReport& layer = row(report, name);
    CAPTURE(name);
    CHECK(std::abs(layer.expected->mean - layer.measured->mean) < 0.03);
    CHECK(layer.expected->variance == doctest::Approx(layer.measured->variance).epsilon(0.08));
  }
  CHECK_FALSE(row(report, "c").expected.has_value());
  const CheckReport small = snn::check(model, x * 0.1);  // theory starts from the data's moments
  CHECK(row(small, "a").expected->variance < 0.05);
  CHECK(row(small, "a").expected->variance ==
        doctest::Approx(row(small, "a").measured->variance).epsilon(0.08));
  const std::string text = report.str();
  CHECK(text.find("a (Dense)") != std::string::npos);
  CHECK(text.find("inside") != std::string::npos);
  const Json json = to_json(report);
  CHECK(json.at("warnings").as_int() == 0);
  CHECK(json.at("layers").as_list().size() == 5);
  CHECK(json.at("layers").as_list()[1].at("weights").at("units").as_int() == 128);
  CHECK(json.at("layers").as_list()[4].at("expected").is_null());
}

TEST_CASE("a model learns its input shape from the data") {
  Sequential model({selu("a"), Dense(2)});
  CHECK_FALSE(row(snn::check(model), "a").weights.has_value());
  const CheckReport report = snn::check(model, normal_array({10, 6}, 1));
  CHECK(row(report, "a").weights->units == 8);
  CHECK_THROWS_AS(snn::check(model, normal_array({10, 7}, 1)), InvalidArgument);
}

TEST_CASE("NaN names the first layer that gives any") {
  Sequential model({Input({6}), selu("a"), selu("b"), selu("c")});
  std::vector<Array> weights = model.get_weights();
  weights[2].mutable_values<float>()[3] = std::numeric_limits<float>::quiet_NaN();
  model.set_weights(weights);
  const CheckReport report = snn::check(model, normal_array({10, 6}, 1));
  const Lines found = lines(report, Severity::warning);
  REQUIRE(found.size() == 1);
  CHECK(found[0] ==
        "b: 10 of 80 outputs are NaN or infinite, in the first layer that gives any: look at its "
        "weights; train with smaller steps");
  CHECK(to_json(report).at("layers").as_list()[2].at("measured").at("mean").is_null());
  Array bad = normal_array({10, 6}, 1);
  bad.mutable_values<float>()[0] = std::numeric_limits<float>::infinity();
  const Lines data = lines(snn::check(around("lecun_normal"), bad), Severity::warning);
  REQUIRE(data.size() == 1);
  CHECK(data[0].find("1 of 60 numbers of the data are NaN or infinite") != std::string::npos);
}
