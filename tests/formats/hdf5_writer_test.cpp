#include <banach/core/errors.hpp>
#include <banach/formats/hdf5_reader.hpp>
#include <banach/formats/hdf5_writer.hpp>

#include "../support/golden.hpp"
#include "../support/memory.hpp"
#include "../support/temp_dir.hpp"
#include "samples.hpp"

#include <filesystem>

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;

namespace {

Hdf5Reader read_back(const Hdf5Writer& writer) {
  return Hdf5Reader(ByteSource(writer.bytes(), "written.h5"));
}

// What every reader must understand: all dtypes, empty arrays, attributes, groups of any size.
Hdf5Writer everything() {
  Hdf5Writer writer;
  for (DType dtype : {float32, float64, int32, int64, uint8, boolean, bfloat16, float16}) {
    const std::string name(name_of(dtype));
    writer.dataset("types/" + name, Array::of<double>({0, 1, 1, 0, 1, 0}, {2, 3}).astype(dtype));
  }
  writer.dataset("scalar", Array::full({}, 2.5, float64));
  writer.dataset("empty", Array({0, 3}));
  writer.group("none");
  writer.attribute("", "model_config", std::string(100'000, 'c'));
  writer.attribute("scalar", "name", "A\xC3\xA9");
  writer.attribute("scalar", "no_text", "");
  writer.attribute("scalar", "int", -7);
  writer.attribute("scalar", "float", 0.5);
  writer.attribute("scalar", "bool", true);
  writer.string_list("types", "names", {"kernel", "", "bias"});
  writer.string_list("types", "no_names", {});
  std::vector<std::string> names;
  for (int i = 0; i < 9000; ++i) names.push_back("layer_" + std::to_string(i));
  writer.string_list("types", "layer_names", names);
  for (int count : {1, 8, 9, 256, 257, 9000}) {
    for (int i = 0; i < count; ++i) {
      writer.group("many/" + std::to_string(count) + "/m" + std::to_string(i));
    }
  }
  return writer;
}

}  // namespace

TEST_CASE("what Hdf5Writer writes, Hdf5Reader reads") {
  const Hdf5Writer writer = everything();
  Hdf5Reader file = read_back(writer);
  for (DType dtype : {float32, float64, int32, int64, uint8, boolean, bfloat16, float16}) {
    INFO("dtype ", std::string(name_of(dtype)));
    CHECK(same(file.read("types/" + std::string(name_of(dtype))),
               Array::of<double>({0, 1, 1, 0, 1, 0}, {2, 3}).astype(dtype)));
  }
  CHECK(same(file.read("scalar"), Array::full({}, 2.5, float64)));
  CHECK(same(file.read("empty"), Array({0, 3})));
  CHECK(file.members("none").empty());
  CHECK(file.attribute("", "model_config") == Json(std::string(100'000, 'c')));
  CHECK(file.attribute("scalar", "name") == Json("A\xC3\xA9"));
  CHECK(file.attribute("scalar", "no_text") == Json(""));
  CHECK(file.attribute("scalar", "int") == Json(-7));
  CHECK(file.attribute("scalar", "float") == Json(0.5));
  CHECK(file.attribute("scalar", "bool") == Json(true));
  CHECK(file.attribute("types/bfloat16", "dtype") == Json("bfloat16"));
  CHECK(*file.string_list("types", "names") == std::vector<std::string>{"kernel", "", "bias"});
  CHECK(file.string_list("types", "no_names")->empty());
  for (int count : {1, 8, 9, 256, 257, 9000}) {
    const std::string group = "many/" + std::to_string(count);
    CHECK(file.members(group).size() == static_cast<std::size_t>(count));
    CHECK(file.contains(group + "/m" + std::to_string(count - 1)));
  }
}

TEST_CASE("Hdf5Writer cuts a long list as Keras does") {
  Hdf5Reader file = read_back(everything());
  CHECK_FALSE(file.attribute("types", "layer_names").has_value());
  CHECK(file.attribute("types", "layer_names2")->as_list().size() == 3000);
  const auto names = *file.string_list("types", "layer_names");
  REQUIRE(names.size() == 9000);
  CHECK(names[8999] == "layer_8999");
}

TEST_CASE("Hdf5Writer gives equal bytes for equal descriptions") {
  CHECK(everything().bytes() == everything().bytes());
}

TEST_CASE("Hdf5Writer asks for values when it writes them, and checks them") {
  Hdf5Writer writer;
  int asked = 0;
  writer.dataset("x", {2}, float32, [&] {
    ++asked;
    return Array::of<float>({1, 2});
  });
  CHECK(asked == 0);
  CHECK(same(read_back(writer).read("x"), Array::of<float>({1, 2})));
  CHECK(asked == 1);
  writer.dataset("y", {3}, float32, [] { return Array::of<float>({1, 2}); });
  CHECK(error_of<InvalidArgument>([&] { writer.bytes(); }) ==
        "[Hdf5Writer] y: expected values of float32 (3,), received Array(shape=(2,), "
        "dtype=float32)");
}

TEST_CASE("Hdf5Writer refuses what HDF5 cannot hold") {
  Hdf5Writer writer;
  writer.dataset("a/b", Array({1}));
  for (const std::string path : {"/x", "x/", "x//y", "a/b/c", "a/b", "a", ""}) {
    INFO("path ", path);
    CHECK_THROWS_AS(writer.dataset(path, Array({1})), InvalidArgument);
  }
  CHECK_THROWS_AS(writer.group("a/b"), InvalidArgument);
  CHECK_THROWS_AS(writer.group(std::string("x\0y", 3)), InvalidArgument);
  CHECK_NOTHROW(writer.group("a"));
  CHECK_THROWS_AS(writer.attribute("none", "x", 1), InvalidArgument);
  CHECK_THROWS_AS(writer.attribute("a", "", 1), InvalidArgument);
  CHECK_THROWS_AS(writer.attribute("a", "x", Json()), InvalidArgument);
  CHECK_THROWS_AS(writer.attribute("a", "x", Json::list({1})), InvalidArgument);
  CHECK_THROWS_AS(writer.attribute("a", "x", Json::List(5000, Json("s"))), InvalidArgument);
  writer.attribute("a", "x", 1);
  CHECK_THROWS_AS(writer.attribute("a", "x", 2), InvalidArgument);
}

TEST_CASE("Hdf5Writer saves atomically") {
  const TempDir folder;
  everything().save(folder / "model.h5");
  CHECK(read_file(folder / "model.h5") == everything().bytes());
  Hdf5Writer broken;
  broken.dataset("x", {1}, float32, []() -> Array { throw RuntimeError("no value"); });
  CHECK_THROWS_AS(broken.save(folder / "model.h5"), RuntimeError);
  CHECK(read_file(folder / "model.h5") == everything().bytes());
  CHECK(folder.entries() == 1);
  CHECK_THROWS_AS(everything().save(folder / "no/model.h5"), IOError);
}

TEST_CASE("writing and reading hold no second copy of the weights") {
  constexpr std::int64_t kCount = 16, kSize = 1 << 20;  // 64 MiB together
  const TempDir folder;
  std::vector<Array> weights;
  Hdf5Writer writer;
  for (std::int64_t i = 0; i < kCount; ++i) {
    weights.push_back(Array::full({kSize}, static_cast<double>(i)));
    writer.dataset(std::to_string(i), weights.back());
  }
  constexpr std::size_t kSpare = std::size_t{8} << 20;
  const PeakMemory writing;
  writer.save(folder / "large.h5");
  CHECK(writing.growth() < kSpare);
  const PeakMemory reading;
  Hdf5Reader file(folder / "large.h5");
  double sum = 0;
  for (std::int64_t i = 0; i < kCount; ++i) sum += file.read(std::to_string(i)).flat(kSize - 1);
  CHECK(sum == kCount * (kCount - 1) / 2);
  CHECK(reading.growth() < kSpare + 4 * kSize);
}
