#include <banach/core/errors.hpp>
#include <banach/formats/event_file.hpp>
#include <banach/formats/json.hpp>
#include <doctest/doctest.h>
#include <tests/support/file_size_limit.hpp>
#include <tests/support/nets.hpp>
#include <tests/support/temp_dir.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

using namespace banach;
using namespace banach::layers;
using namespace banach::testing;
using doctest::Contains;

namespace {

using Names = std::vector<std::string>;

Sequential classifier() {
  Sequential model(
      {Input({6}), Dense(4, {.name = "hidden"}), Dropout(0.1), BatchNormalization({.name = "norm"}),
       Dense(3, {.activation = "softmax", .name = "kind"})},
      {.name = "net"});
  model.compile({.loss = losses::categorical_crossentropy, .metrics = {"accuracy"}});
  return model;
}

// Of the only file in a folder, but its first, which is the version.
std::vector<formats::Event> events_in(const std::string& folder) {
  std::vector<formats::Event> events;
  REQUIRE(std::filesystem::exists(folder));
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    REQUIRE(events.empty());
    formats::EventReader reader(file.path().string());
    while (auto event = reader.next()) events.push_back(std::move(*event));
  }
  REQUIRE_FALSE(events.empty());
  CHECK(events.front().file_version == "brain.Event:2");
  events.erase(events.begin());
  return events;
}

// "3 epoch_loss", in order.
Names steps_and_tags(const std::vector<formats::Event>& events) {
  Names names;
  for (const formats::Event& event : events) {
    names.push_back(std::to_string(event.step) + " " + event.summaries.at(0).tag);
  }
  return names;
}

// The values of a tag by step.
std::vector<double> values_of(const std::vector<formats::Event>& events, const std::string& tag) {
  std::vector<double> values;
  for (const formats::Event& event : events) {
    if (event.summaries.at(0).tag == tag) values.push_back(event.summaries[0].numbers.flat(0));
  }
  return values;
}

std::vector<double> as_float(std::vector<double> values) {
  for (double& value : values) value = static_cast<float>(value);
  return values;
}

History fit(Sequential model, const callbacks::TensorBoard& callback, std::int64_t epochs = 2,
            double validation_split = 0.2) {
  const Samples s = make_samples(50, {6}, 3);
  return model.fit(s.x, s.y,
                   {.batch_size = 16,
                    .epochs = epochs,
                    .verbose = 0,
                    .callbacks = {callback},
                    .validation_split = validation_split});
}

}  // namespace

TEST_CASE("each epoch's loss and metrics are logged, under Keras' tags and steps") {
  const TempDir folder;
  const auto history = fit(classifier(), callbacks::TensorBoard(folder / "logs")).history;
  const auto train = events_in(folder / "logs/train");
  const auto validation = events_in(folder / "logs/validation");
  CHECK(steps_and_tags(train) == Names{"0 keras", "0 epoch_accuracy", "0 epoch_loss",
                                       "0 epoch_learning_rate", "1 epoch_accuracy", "1 epoch_loss",
                                       "1 epoch_learning_rate"});
  CHECK(steps_and_tags(validation) ==
        Names{"3 evaluation_accuracy_vs_iterations", "3 evaluation_loss_vs_iterations",
              "0 epoch_accuracy", "0 epoch_loss", "6 evaluation_accuracy_vs_iterations",
              "6 evaluation_loss_vs_iterations", "1 epoch_accuracy", "1 epoch_loss"});
  CHECK(values_of(train, "epoch_loss") == as_float(history.at("loss")));
  CHECK(values_of(train, "epoch_learning_rate") == as_float({0.001, 0.001}));
  CHECK(values_of(validation, "epoch_accuracy") == as_float(history.at("val_accuracy")));
  CHECK(values_of(validation, "evaluation_loss_vs_iterations") == as_float(history.at("val_loss")));
  for (const formats::Event& event : validation) CHECK(event.summaries[0].plugin == "scalars");
}

TEST_CASE("the model's JSON is logged for the graph, unless it has none or is not wanted") {
  const TempDir folder;
  Sequential model = classifier();
  fit(model, callbacks::TensorBoard(folder / "with"), 1, 0);
  const formats::Summary graph = events_in(folder / "with/train").at(0).summaries.at(0);
  CHECK(graph.plugin == "graph_keras_model");
  CHECK(graph.plugin_content == "1");
  CHECK(formats::parse_json(graph.texts.at(0), "json") == serialize(model));
  CHECK_FALSE(std::filesystem::exists(folder / "with/validation"));

  fit(model, callbacks::TensorBoard(folder / "without", {.write_graph = false}), 1, 0);
  CHECK(events_in(folder / "without/train").at(0).summaries.at(0).tag == "epoch_accuracy");

  Sequential own({Input({6}),
                  Dense(3, {.activation = ActivationFunction([](const Tensor& x) { return x; })})});
  own.compile({.loss = losses::mean_squared_error});
  std::string warning;
  const auto before = config::set_warning_handler([&](std::string_view text) { warning = text; });
  fit(own, callbacks::TensorBoard(folder / "own"), 1, 0);
  config::set_warning_handler(before);
  CHECK(warning.find("[TensorBoard] no graph is written") == 0);
  CHECK(events_in(folder / "own/train").at(0).summaries.at(0).tag == "epoch_loss");
}

TEST_CASE("batches are logged when asked for, and then epochs too") {
  const TempDir folder;
  const auto tags = [&](const std::string& name, const callbacks::TensorBoardOptions& options) {
    fit(classifier(), callbacks::TensorBoard(folder / name, options), 2, 0);
    return steps_and_tags(events_in(folder / (name + "/train")));
  };
  CHECK(tags("third", {.write_graph = false, .update_freq = 3}) ==
        Names{"3 batch_accuracy", "3 batch_loss", "0 epoch_accuracy", "0 epoch_loss",
              "0 epoch_learning_rate", "6 batch_accuracy", "6 batch_loss", "1 epoch_accuracy",
              "1 epoch_loss", "1 epoch_learning_rate"});
  const Names each = tags("batch", {.write_graph = false, .update_freq = "batch"});
  CHECK(std::count(each.begin(), each.end(), "7 batch_loss") == 1);
  CHECK(std::count(each.begin(), each.end(), "8 batch_loss") == 1);
}

TEST_CASE("steps per second are logged with epochs and batches") {
  const TempDir folder;
  fit(classifier(),
      callbacks::TensorBoard(folder / "logs", {.write_steps_per_second = true, .update_freq = 2}));
  const auto train = events_in(folder / "logs/train");
  const auto epochs = values_of(train, "epoch_steps_per_second");
  const auto batches = values_of(train, "batch_steps_per_second");
  CHECK(epochs.size() == 2);
  CHECK(batches.size() == 3);
  for (const double rate : epochs) CHECK(rate > 0);
  for (const double rate : batches) CHECK(rate > 0);
}

TEST_CASE("histograms are those of the weights, every so many epochs") {
  const TempDir folder;
  Sequential model = classifier();
  fit(model, callbacks::TensorBoard(folder / "logs", {.histogram_freq = 2}), 3, 0);
  std::vector<std::int64_t> steps;
  Names tags;
  std::vector<formats::Event> last;
  for (const formats::Event& event : events_in(folder / "logs/train")) {
    if (event.summaries[0].plugin != "histograms") continue;
    if (event.step == 0) tags.push_back(event.summaries[0].tag);
    steps.push_back(event.step);
    if (event.step == 2) last.push_back(event);
  }
  CHECK(tags == Names{"net/hidden/kernel/histogram", "net/hidden/bias/histogram",
                      "net/norm/gamma/histogram", "net/norm/beta/histogram",
                      "net/norm/moving_mean/histogram", "net/norm/moving_variance/histogram",
                      "net/kind/kernel/histogram", "net/kind/bias/histogram"});
  CHECK(std::set(steps.begin(), steps.end()) == std::set<std::int64_t>{0, 2});
  const std::vector<Array> weights = model.get_weights();
  REQUIRE(last.size() == weights.size());
  for (std::size_t i = 0; i < last.size(); ++i) {
    CHECK(max_abs_difference(last[i].summaries[0].numbers,
                             formats::histogram_summary("", weights[i]).numbers) == 0);
  }
}

TEST_CASE("evaluate is logged by the optimizer's step, and a second fit makes new files") {
  const TempDir folder;
  Sequential model = classifier();
  const Samples s = make_samples(50, {6}, 3);
  const auto callback = std::make_shared<callbacks::TensorBoard>(folder / "logs");
  model.fit(s.x, s.y, {.batch_size = 16, .verbose = 0, .callbacks = {callback}});
  model.evaluate(s.x, s.y, {.verbose = 0, .callbacks = {callback}});
  const double loss = model.evaluate(s.x, s.y, {.verbose = 0, .callbacks = {callback}})[0];
  const auto validation = events_in(folder / "logs/validation");
  CHECK(values_of(validation, "evaluation_loss_vs_iterations") == as_float({loss, loss}));
  CHECK(validation[0].step == 4);
  model.fit(s.x, s.y, {.batch_size = 16, .verbose = 0, .callbacks = {callback}});
  CHECK(std::distance(std::filesystem::directory_iterator(folder / "logs/train"), {}) == 2);
}

TEST_CASE("what cannot be written ends fit") {
  const TempDir folder;
  std::ofstream(folder / "file") << "x";
  const auto history = [&](const callbacks::TensorBoard& callback) {
    Sequential model = classifier();
    const Array before = model.get_weights().at(0);
    CHECK_THROWS_AS(fit(model, callback, 1), IOError);
    return max_abs_difference(before, model.get_weights().at(0));
  };
  CHECK(history(callbacks::TensorBoard(folder / "file")) == 0);  // before the first step
  const FileSizeLimit full(100);
  CHECK(history(callbacks::TensorBoard(folder / "logs", {.write_graph = false})) > 0);
}

TEST_CASE("options that cannot work are refused") {
  using callbacks::TensorBoard;
  CHECK_THROWS_WITH_AS(TensorBoard("logs", {.histogram_freq = -1}), Contains("received -1"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(TensorBoard("logs", {.update_freq = 0}), Contains("received 0"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(TensorBoard("logs", {.update_freq = "epochs"}), Contains("'epochs'"),
                       InvalidArgument);
}
