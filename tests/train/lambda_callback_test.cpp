#include <tests/train/scripted.hpp>

using namespace banach;
using namespace banach::testing;
using callbacks::LambdaCallback;

TEST_CASE("LambdaCallback calls each function at its hook") {
  Sequential model = scripted_model();
  std::string events;
  const auto write = [&](const char* text) {
    return [&events, text](auto&&...) { events += text; };
  };
  const LambdaCallback callback({.on_epoch_begin = write("e("),
                                 .on_epoch_end = write(")e"),
                                 .on_train_begin = write("T("),
                                 .on_train_end = write(")T"),
                                 .on_train_batch_begin = write("["),
                                 .on_train_batch_end = write("]"),
                                 .on_test_begin = write("v("),
                                 .on_test_end = write(")v"),
                                 .on_test_batch_begin = write("<"),
                                 .on_test_batch_end = write(">")});
  const Array x({8, 1});
  const FitOptions options{
      .batch_size = 2, .verbose = 0, .callbacks = {callback}, .validation_split = 0.5};
  model.fit(x, x, options);
  CHECK(events == "T(e([][]v(<><>)v)e)T");
}

TEST_CASE("LambdaCallback leaves out what is not given, and may write into an epoch's logs") {
  Sequential model = scripted_model();
  const Array x({8, 1});
  const LambdaCallback callback({.on_epoch_end = [](std::int64_t epoch, Logs& logs) {
    logs["twice"] = 2.0 * static_cast<double>(epoch);
  }});
  const History h = model.fit(x, x, {.epochs = 2, .verbose = 0, .callbacks = {callback}});
  CHECK(h.history.at("twice") == std::vector<double>{0, 2});
}
