#include <banach/formats/npz.hpp>
#include <tests/cli/process.hpp>
#include <tests/cli/samples.hpp>

namespace banach::testing {
namespace {

// Sample i is of class i % 10: its rows 2 class + 4 and 2 class + 5 are bright.
std::pair<Array, Array> pictures(std::int64_t count) {
  Array x({count, 28, 28}, uint8), y({count}, uint8);
  const auto pixels = x.mutable_values<std::uint8_t>();
  const auto labels = y.mutable_values<std::uint8_t>();
  RandomGenerator random(7);
  for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(random.below(64));
  for (std::int64_t i = 0; i < count; ++i) {
    labels[i] = static_cast<std::uint8_t>(i % 10);
    std::fill_n(pixels.begin() + (i * 28 + 2 * labels[i] + 4) * 28, 2 * 28, std::uint8_t{230});
  }
  return {x, y};
}

}  // namespace

SampleFolder::SampleFolder() {
  const auto [x_train, y_train] = pictures(240);
  const auto [x_test, y_test] = pictures(40);
  formats::save_npz(
      folder_ / "mnist.npz",
      {{"x_train", x_train}, {"y_train", y_train}, {"x_test", x_test}, {"y_test", y_test}});
}

std::string SampleFolder::model(const std::string& name) const {
  const Finished finished = run({"train", "mnist-mlp", "--data", "dataset:mnist", "--seed", "1",
                                 "--epochs", "2", "--output", *this / name},
                                {.variables = {{"BANACH_DATA_DIR", path()}}});
  if (finished.code != 0) throw RuntimeError(finished.err);
  return *this / name;
}

}  // namespace banach::testing
