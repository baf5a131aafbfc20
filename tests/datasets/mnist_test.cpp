#include <banach/core/errors.hpp>
#include <banach/datasets/mnist.hpp>
#include <banach/datasets/search.hpp>
#include <banach/datasets/sha256.hpp>
#include <banach/formats/gzip.hpp>
#include <banach/formats/npz.hpp>

#include "../formats/samples.hpp"
#include "../support/environment.hpp"
#include "../support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>

using namespace banach;
using namespace banach::datasets;
using namespace banach::testing;

namespace {

namespace fs = std::filesystem;

const std::string kMnist = BANACH_SOURCE_DATA_DIR "/mnist";

}  // namespace

TEST_CASE("mnist.load_data gives what Keras gives") {
  auto [train, test] = mnist::load_data({.directory = kMnist});
  auto [input_train, target_train] = train;
  auto [input_test, target_test] = test;
  CHECK(input_train.str() == "Array(shape=(60000, 28, 28), dtype=uint8)");
  CHECK(target_train.str() == "Array(shape=(60000,), dtype=uint8)");
  CHECK(input_test.str() == "Array(shape=(10000, 28, 28), dtype=uint8)");
  CHECK(target_test.str() == "Array(shape=(10000,), dtype=uint8)");
  const auto labels = target_train.values<std::uint8_t>();
  const std::vector<int> first(labels.begin(), labels.begin() + 5);
  CHECK(first == std::vector<int>{5, 0, 4, 1, 9});
  CHECK(std::ranges::count(labels, 1) == 6742);
  CHECK(mean(input_train) == doctest::Approx(33.318421));
}

TEST_CASE("the hashes of MNIST are those of its files") {
  const auto hash = [](const std::string& name) {
    const std::string path = kMnist + "/" + name + ".gz";
    return sha256(formats::gunzip(formats::read_file(path), path));
  };
  CHECK(hash("train-images-idx3-ubyte") ==
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db");
  CHECK(hash("t10k-labels-idx1-ubyte") ==
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2");
}

TEST_CASE("BANACH_DATA_DIR comes first, as the folder or the one above it") {
  const TempDir home;
  for (const char* folder : {BANACH_SOURCE_DATA_DIR, BANACH_SOURCE_DATA_DIR "/mnist"}) {
    const EnvironmentVariable data("BANACH_DATA_DIR", folder);
    CHECK(mnist::load_data().second.second.size() == 10'000);
  }
  const EnvironmentVariable data("BANACH_DATA_DIR", "/data/fashion-mnist/");
  const auto contains = [](const std::vector<std::string>& places, const std::string& place) {
    return std::ranges::find(places, place) != places.end();
  };
  // The two sets use the same file names.
  CHECK_FALSE(contains(data_places("mnist"), "/data/fashion-mnist/"));
  CHECK(contains(data_places("fashion-mnist"), "/data/fashion-mnist/"));
}

TEST_CASE("Keras' cache is used") {
  const TempDir home;
  const EnvironmentVariable keras("KERAS_HOME", home.path().string());
  const EnvironmentVariable data("BANACH_DATA_DIR", {});
  fs::create_directories(home / "datasets");
  formats::save_npz(home / "datasets/mnist.npz",
                    {{"x_train", Array({3, 28, 28}, uint8)},
                     {"y_train", Array::of<std::uint8_t>({7, 8, 9})},
                     {"x_test", Array({1, 28, 28}, uint8)},
                     {"y_test", Array::of<std::uint8_t>({0})}},
                    true);
  CHECK(same(mnist::load_data().first.second, Array::of<std::uint8_t>({7, 8, 9})));
  CHECK(same(mnist::load_data({.directory = home / "datasets"}).second.second,
             Array::of<std::uint8_t>({0})));
  formats::save_npz(home / "datasets/mnist.npz", {{"x_train", Array({3, 28, 28}, uint8)}});
  CHECK(error_of<Corruption>([] {
          mnist::load_data();
        }).find("mnist.npz] lacks the array 'y_train'") != std::string::npos);
}

TEST_CASE("fashion_mnist.load_data reads Debian's package, where it is installed") {
  const std::string folder = "/usr/share/datasets/fashion-mnist";
  if (!fs::exists(folder)) {
    MESSAGE("skipped: dataset-fashion-mnist is not installed");
    return;
  }
  const auto [train, test] = fashion_mnist::load_data({.directory = folder});
  CHECK(train.first.shape() == Shape{60'000, 28, 28});
  const auto labels = train.second.values<std::uint8_t>();
  for (int label = 0; label < 10; ++label) CHECK(std::ranges::count(labels, label) == 6'000);
}
