#include <banach/formats/json.hpp>
#include <banach/formats/npz.hpp>
#include <tests/cli/process.hpp>
#include <tests/cli/samples.hpp>

#include <algorithm>
#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <fmt/format.h>
#include <thread>

using namespace banach;
using namespace banach::testing;

namespace {

Finished train(const SampleFolder& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "train");
  return run(arguments, {folder.path(), {{"BANACH_DATA_DIR", folder.path()}}});
}

Json json_of(const std::string& text) { return formats::parse_json(text, "stdout"); }

void check_same_weights(const std::string& left, const std::string& right) {
  const auto a = saving::load_model(left)->get_weights();
  const auto b = saving::load_model(right)->get_weights();
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(max_abs_difference(a[i], b[i]) == 0);
}

}  // namespace

TEST_CASE("a built-in model is trained, saved, and trained on from its file") {
  const SampleFolder folder;
  const Finished first =
      train(folder, {"mnist-selu", "--data", "dataset:mnist", "--epochs", "2", "--batch-size", "30",
                     "--validation-split", "0.25", "--seed", "3", "--output", "selu.keras", "--csv",
                     "log.csv", "--tensorboard", "logs"});
  CHECK(first.code == 0);
  CHECK(first.out.find("Epoch 2/2\n6/6 [====") != std::string::npos);
  CHECK(first.out.find("val_accuracy") != std::string::npos);
  CHECK(first.out.ends_with("Saved selu.keras\n"));
  CHECK(std::filesystem::exists(folder / "log.csv"));
  CHECK(std::filesystem::is_directory(folder / "logs/train"));
  const auto model = saving::load_model(folder / "selu.keras");
  CHECK(model->optimizer().iterations() == 12);

  const Finished second = train(folder, {"selu.keras", "--data", "dataset:mnist", "--json",
                                         "--learning-rate", "0.01", "--output", "more.h5"});
  CHECK(second.code == 0);
  const Json json = json_of(second.out);
  CHECK(json.at("history").at("accuracy").as_list().size() == 1);
  CHECK(json.at("samples").as_int() == 240);
  CHECK(second.err.find("8/8 [=====") != std::string::npos);  // what a terminal would have shown
  CHECK(saving::load_model(folder / "more.h5")->optimizer().iterations() == 20);
  CHECK(saving::load_model(folder / "more.h5")->optimizer().learning_rate() ==
        doctest::Approx(0.01));
}

TEST_CASE("the same seed gives the same file, and every look of the progress is there") {
  const SampleFolder folder;
  std::vector<Json> histories;
  for (const char* progress : {"keras3", "plain", "none"}) {
    const Finished result = train(folder, {"mnist-mlp", "--data", "dataset:mnist", "--seed", "5",
                                           "--json", "--progress", progress});
    REQUIRE(result.code == 0);
    histories.push_back(json_of(result.out).at("history"));
    CHECK((result.err.find("loss") == std::string::npos) == (std::string(progress) == "none"));
  }
  CHECK(histories[0] == histories[1]);
  CHECK(histories[1] == histories[2]);
  const Finished on_cpu = train(folder, {"mnist-mlp", "--data", "dataset:mnist", "--seed", "5",
                                         "--json", "--device", "cpu", "--tf32"});
  REQUIRE(on_cpu.code == 0);
  CHECK(json_of(on_cpu.out).at("history") == histories[0]);  // that is for GPUs alone
}

TEST_CASE("an architecture, a table and options of compile() make a regression") {
  const SampleFolder folder;
  formats::write_file_atomic(folder / "net.json", formats::as_bytes(R"({
    "input_shape": [2], "layers": [{"Dense": {"units": 4, "activation": "tanh"}},
                                   {"Dense": {"units": 1}}]})"));
  formats::write_file_atomic(folder / "t.csv", formats::as_bytes("a,id,b,price\n1,x,2,3.5\n"
                                                                 "2,y,3,4.5\n3,z,4,5.5\n"));
  const Finished result =
      train(folder, {"net.json", "--data", "t.csv", "--target", "price", "--ignore", "id", "--json",
                     "--optimizer", "sgd", "--metrics", "mae", "--epochs", "3"});
  CHECK(result.code == 0);
  CHECK(result.err.find("mean_squared_error, for the last layer") != std::string::npos);
  CHECK(json_of(result.out).at("history").at("mae").as_list().size() == 3);

  const Finished text_column = train(folder, {"net.json", "--data", "t.csv"});
  CHECK(text_column.code == 65);
  CHECK(text_column.err.find("column 'id': expected a number, received 'x'") != std::string::npos);
  const Finished no_target = train(folder, {"net.json", "--data", "t.csv", "--target", "prise"});
  CHECK(no_target.code == 65);
  CHECK(no_target.err.find("Did you mean 'price'?") != std::string::npos);
}

TEST_CASE("bad input ends in a line on stderr, a documented code, and no file") {
  const SampleFolder folder;
  struct Case {
    std::vector<std::string> arguments;
    int code;
    const char* text;
  };
  const std::vector<Case> cases{
      {{"mnist-sleu", "--data", "dataset:mnist"}, 66, "Did you mean 'mnist-selu'?"},
      {{"mnist-selu", "--data", "dataset:mnits"}, 66, "Did you mean 'mnist'?"},
      {{"mnist-selu"}, 64, "needs --data"},
      {{"--data", "dataset:mnist"}, 64, "needs a MODEL"},
      {{"gone.keras", "--data", "dataset:mnist"}, 66, "gone.keras"},
      {{"mnist-selu", "--data", "gone.npz"}, 66, "gone.npz"},
      {{"mnist-selu", "--data", "mnist.npz", "--output", "x.pt"}, 64, ".keras or .h5"},
      {{"mnist-selu", "--data", "mnist.npz", "--output", "no/x.keras"}, 64, "no folder 'no'"},
      {{"mnist-selu", "--data", "mnist.npz", "--epochs", "0"}, 64, "a number above 0"},
      {{"mnist-selu", "--data", "mnist.npz[train][500:]"}, 65, "has 240 samples"},
      {{"mnist-selu", "--data", "mnist.npz", "--optimizer", "adaam"}, 65, "Did you mean 'adam'?"},
      {{"mnist-selu", "--data", "mnist.npz", "--device", "gpu"}, 69, "there is no GPU"},
      {{"mnist-selu", "--data", "."}, 66, "holds no folders"},
  };
  for (const Case& item : cases) {
    auto arguments = item.arguments;
    if (arguments.size() < 4) arguments.insert(arguments.end(), {"--output", "out.keras"});
    const Finished result = train(folder, arguments);
    CAPTURE(item.text);
    CAPTURE(result.err);
    CHECK(result.code == item.code);
    CHECK(result.err.starts_with("banach: "));
    CHECK(result.err.find(item.text) != std::string::npos);
    CHECK(std::ranges::count(result.err, '\n') <= 2);
    CHECK_FALSE(std::filesystem::exists(folder / "out.keras"));
  }
}

TEST_CASE("shapes and labels that do not fit are both named") {
  const SampleFolder folder;
  formats::save_npz(folder / "odd.npz", {{"x", Array({4, 5, 5})}, {"y", Array({4}, int64)}});
  const Finished shape = train(folder, {"mnist-selu", "--data", "odd.npz"});
  CHECK(shape.code == 65);
  CHECK(shape.err.find("(None, 28, 28, 1), received (4, 5, 5)") != std::string::npos);
  formats::save_npz(folder / "label.npz",
                    {{"x", Array({2, 28, 28})}, {"y", Array::of<std::int64_t>({3, 11})}});
  const Finished label = train(folder, {"mnist-selu", "--data", "label.npz"});
  CHECK(label.code == 65);
  CHECK(label.err.find("11") != std::string::npos);
}

TEST_CASE("a training that was killed goes on to the same bits") {
  const SampleFolder folder;
  const std::vector<std::string> settings{
      "mnist-selu", "--data", "dataset:mnist",      "--batch-size", "50",
      "--seed",     "9",      "--validation-split", "0.1"};
  auto stopped = settings;
  stopped.insert(stopped.begin(), "train");
  stopped.insert(stopped.end(),
                 {"--epochs", "1000", "--checkpoint", "run.keras", "--csv", "log.csv"});
  Process process(stopped, {folder.path(), {{"BANACH_DATA_DIR", folder.path()}}});
  const auto lines = [&] {
    if (!std::filesystem::exists(folder / "log.csv")) return std::int64_t{0};
    const formats::Bytes log = formats::read_file(folder / "log.csv");
    return std::int64_t{std::ranges::count(formats::as_text(log), '\n')};
  };
  while (lines() < 3) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  process.signal(SIGKILL);
  process.wait();

  const std::int64_t done = saving::load_model(folder / "run.keras")->training_state().epochs;
  REQUIRE(done >= 1);
  const std::string epochs = std::to_string(done + 2);
  auto straight = settings;
  straight.insert(straight.end(), {"--epochs", epochs, "--output", "straight.keras"});
  REQUIRE(train(folder, straight).code == 0);
  const Finished resumed = train(folder, {"--resume", "run.keras", "--epochs", epochs, "--csv",
                                          "log.csv", "--output", "resumed.keras"});
  CHECK(resumed.code == 0);
  CHECK(resumed.out.starts_with(fmt::format("Epoch {}/{}\n", done + 1, epochs)));
  check_same_weights(folder / "straight.keras", folder / "resumed.keras");
  const Finished again = train(folder, {"--resume", "run.keras"});
  CHECK(again.code == 64);
  CHECK(again.err.find("has done its " + epochs + " epochs") != std::string::npos);
  CHECK(train(folder, {"--resume", "straight.keras"}).code == 64);
}

TEST_CASE("a training that was killed in its first epoch begins again, to the same bits") {
  const SampleFolder folder;
  const std::vector<std::string> settings{
      "mnist-mlp", "--data", "dataset:mnist", "--batch-size", "1", "--seed", "4"};
  auto stopped = settings;
  stopped.insert(stopped.begin(), "train");
  stopped.insert(stopped.end(), {"--checkpoint", "run.keras"});
  Process process(stopped, {folder.path(), {{"BANACH_DATA_DIR", folder.path()}}});
  while (!std::filesystem::exists(folder / "run.keras")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  process.signal(SIGKILL);
  process.wait();
  REQUIRE(saving::load_model(folder / "run.keras")->training_state().epochs == 0);

  auto straight = settings;
  straight.insert(straight.end(), {"--output", "straight.keras"});
  REQUIRE(train(folder, straight).code == 0);
  REQUIRE(train(folder, {"--resume", "run.keras", "--output", "resumed.keras"}).code == 0);
  check_same_weights(folder / "straight.keras", folder / "resumed.keras");
}

TEST_CASE("Ctrl-C inside an epoch leaves the checkpoint of the last whole one") {
  const SampleFolder folder;
  Process process(
      {"train", "mnist-selu", "--data", "dataset:mnist", "--epochs", "100000", "--batch-size", "1",
       "--checkpoint", "run.keras", "--output", "out.keras", "--progress", "plain"},
      {folder.path(), {{"BANACH_DATA_DIR", folder.path()}}});
  while (process.out().find("loss") == std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  process.signal(SIGINT);
  CHECK(process.wait() == 130);
  const auto checkpoint = saving::load_model(folder / "run.keras");
  const auto output = saving::load_model(folder / "out.keras");
  CHECK(checkpoint->optimizer().iterations() % 240 == 0);
  CHECK(output->optimizer().iterations() >= checkpoint->optimizer().iterations());
}

TEST_CASE("Ctrl-C finishes the step, saves, and exits with 130") {
  const SampleFolder folder;
  Process process({"train", "mnist-selu", "--data", "dataset:mnist", "--epochs", "100000",
                   "--progress", "plain", "--output", "stopped.keras"},
                  {folder.path(), {{"BANACH_DATA_DIR", folder.path()}}});
  while (process.out().find("loss") == std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  process.signal(SIGINT);
  CHECK(process.wait() == 130);
  CHECK(process.out().find("Saved stopped.keras") != std::string::npos);
  CHECK(saving::load_model(folder / "stopped.keras")->optimizer().iterations() > 0);
}

TEST_CASE("on a terminal the bar moves, in the look that was asked for") {
  const SampleFolder folder;
  const auto train_looking = [&](const char* look) {
    return run_on_terminal(
        {"train", "mnist-mlp", "--data", "dataset:mnist", "--progress", look},
        {folder.path(), {{"BANACH_DATA_DIR", folder.path()}, {"LC_ALL", "C.UTF-8"}}});
  };
  const auto tf2 = train_looking("tf2"), keras3 = train_looking("keras3");
  if (!tf2 || !keras3) {
    MESSAGE("this system has no pseudo-terminals");
    return;
  }
  CHECK(tf2->code == 0);
  CHECK(tf2->out.find("\b\b\b\b\r8/8 [==============================]") != std::string::npos);
  CHECK(keras3->out.find("\r\x1b[1m8/8\x1b[0m \x1b[32m━━━━━━━━━━━━━━━━━━━━") != std::string::npos);
}

TEST_CASE("a disk that fills ends in an error, and the old file stays") {
  const SampleFolder folder;
  formats::write_file_atomic(folder / "out.keras", formats::as_bytes("old"));
  const Finished result =
      run({"train", "mnist-mlp", "--data", "dataset:mnist", "--output", "out.keras"},
          {folder.path(), {{"BANACH_DATA_DIR", folder.path()}}, 100'000});
  CHECK(result.code == 74);
  CHECK(result.err.find("out.keras") != std::string::npos);
  CHECK(formats::read_file(folder / "out.keras").size() == 3);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
}
