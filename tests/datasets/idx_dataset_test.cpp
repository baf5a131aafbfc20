#include <banach/core/errors.hpp>
#include <banach/datasets/idx_dataset.hpp>
#include <banach/datasets/search.hpp>
#include <banach/datasets/sha256.hpp>

#include "../formats/samples.hpp"
#include "../support/environment.hpp"
#include "../support/temp_dir.hpp"
#include "http_server.hpp"

#include <filesystem>

using namespace banach;
using namespace banach::datasets;
using namespace banach::testing;
using formats::as_text;
using formats::write_file_atomic;

namespace {

namespace fs = std::filesystem;

Bytes toy_images(std::uint32_t count) {
  return idx({count, 28, 28}, Bytes(std::size_t{count} * 28 * 28, std::byte{9}));
}

// A data set of three training and two test images that no machine has.
const std::array<Bytes, 4> kToyFiles{toy_images(3), idx({3}, bytes_of({0, 9, 5})), toy_images(2),
                                     idx({2}, bytes_of({1, 2}))};

IdxDataset toy(const std::string& base_url = "http://127.0.0.1:1/") {
  return {"banach-toy",
          base_url,
          {{{"a-images", sha256(kToyFiles[0])},
            {"a-labels", sha256(kToyFiles[1])},
            {"b-images", sha256(kToyFiles[2])},
            {"b-labels", sha256(kToyFiles[3])}}}};
}

std::map<std::string, Response> toy_responses() {
  std::map<std::string, Response> responses;
  for (std::size_t i = 0; i < 4; ++i) {
    const Bytes packed = gzip(kToyFiles[i]);
    responses["/" + toy().files[i].name + ".gz"] = {.body = std::string(as_text(packed))};
  }
  return responses;
}

// The toy set as plain files, with one of them replaced.
void write_toy(const TempDir& folder, std::size_t replaced = 4, const Bytes& content = {}) {
  for (std::size_t i = 0; i < 4; ++i) {
    write_file_atomic(folder / toy().files[i].name, i == replaced ? content : kToyFiles[i]);
  }
}

void check_toy(const std::pair<Dataset, Dataset>& data) {
  const auto& [train, test] = data;
  CHECK(train.first.shape() == Shape{3, 28, 28});
  CHECK(same(train.second, Array::of<std::uint8_t>({0, 9, 5})));
  CHECK(test.first.shape() == Shape{2, 28, 28});
  CHECK(same(test.second, Array::of<std::uint8_t>({1, 2})));
}

LoadOptions quiet(const TempDir& cache) {
  return {.progress = false, .cache_directory = cache / "cache"};
}

}  // namespace

TEST_CASE("an explicit directory is the only place searched") {
  const TempDir folder;
  const LoadOptions here{.directory = folder.path().string()};
  const std::string text = error_of<NotFound>([&] { load_idx_dataset(toy(), here); });
  CHECK(text.find("[banach-toy.load_data] '" + here.directory) == 0);
  CHECK(text.find("a-labels.gz") != std::string::npos);
  write_toy(folder);
  check_toy(load_idx_dataset(toy(), here));
  write_file_atomic(folder / "a-images", gzip(kToyFiles[0]));  // content decides, not the name
  check_toy(load_idx_dataset(toy(), here));
}

TEST_CASE("wrong content is refused, naming the file") {
  struct Case {
    std::size_t file;
    Bytes content;
    const char* text;
  };
  const std::vector<Case> cases{
      {1, idx({3}, bytes_of({0, 12, 5})), "a-labels] label 12 at position 1 is outside [0, 10)"},
      {1, idx({2}, bytes_of({0, 1})), "a-labels] expected one label per image, uint8 (3,)"},
      {3, idx({2, 1}, bytes_of({0, 1})), "b-labels] expected one label per image"},
      {2, idx({2, 2, 2}, Bytes(8)), "b-images] expected images, uint8 (n, 28, 28)"},
      {0, toy_images(0), "a-images] expected images"},
      {0, {}, "a-images] expected an IDX file"},
      {0, bytes_of("<html>"), "a-images] expected an IDX file"},
      {2, gzip(kToyFiles[2]) + bytes_of("x"), "b-images] the gzip file has 1 bytes after its end"}};
  for (const Case& c : cases) {
    const TempDir folder;
    write_toy(folder, c.file, c.content);
    const std::string text = error_of<Corruption>(
        [&] { load_idx_dataset(toy(), {.directory = folder.path().string()}); });
    INFO(text);
    CHECK(text.find(c.text) != std::string::npos);
  }
}

TEST_CASE("missing data is downloaded once, checked and kept") {
  const TempDir home;
  const HttpServer server(toy_responses());
  for (int repetition = 0; repetition < 2; ++repetition) {
    check_toy(load_idx_dataset(toy(server.url("/")), quiet(home)));
    CHECK(server.requests() == 4);
  }
  fs::remove(home / "cache/b-labels.gz");
  LoadOptions elsewhere = quiet(home);
  elsewhere.base_url = server.url("");  // a mirror, its last slash forgotten
  check_toy(load_idx_dataset(toy(), elsewhere));
  CHECK(server.requests() == 5);
}

TEST_CASE("the cache is where the XDG variables say") {
  {
    const EnvironmentVariable cache("XDG_CACHE_HOME", "/some/cache");
    CHECK(cache_folder("mnist") == "/some/cache/banach/mnist");
  }
  const EnvironmentVariable cache("XDG_CACHE_HOME", {});
  {
    const EnvironmentVariable home("HOME", "/home/somebody");
    CHECK(cache_folder("mnist") == "/home/somebody/.cache/banach/mnist");
  }
  const EnvironmentVariable home("HOME", {});
  CHECK(cache_folder("mnist").empty());
  CHECK_THROWS_AS(load_idx_dataset(toy(), {.progress = false}), IOError);
}

TEST_CASE("a download with other content is refused and not kept") {
  const TempDir home;
  auto responses = toy_responses();
  responses["/b-images.gz"].body = "<html>log in to the hotel's network</html>";
  const HttpServer server(responses);
  CHECK(error_of<Corruption>([&] {
          load_idx_dataset(toy(server.url("/")), quiet(home));
        }).find("b-images.gz: expected SHA-256") != std::string::npos);
  CHECK(fs::exists(home / "cache/a-images.gz"));
  CHECK_FALSE(fs::exists(home / "cache/b-images.gz"));
}

TEST_CASE("without a network one error says what is missing and what to do") {
  const TempDir home;
  const std::string text = error_of<IOError>([&] { load_idx_dataset(toy(), quiet(home)); });
  for (const std::string part :
       {"[banach-toy.load_data]", "http://127.0.0.1:1/a-images.gz",
        "/usr/share/datasets/banach-toy", "a-labels.gz", "BANACH_DATA_DIR"}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(text.find(home / "cache") != std::string::npos);
}

TEST_CASE("a cache that cannot be written is named") {
  const TempDir home;
  write_file_atomic(home / "cache", {});
  CHECK(error_of<IOError>([&] {
          load_idx_dataset(toy(), quiet(home));
        }).find("cannot create the cache folder '" + (home / "cache") + "'") != std::string::npos);
}
