#include <banach/core/errors.hpp>
#include <banach/formats/hdf5_reader.hpp>
#include <banach/formats/hdf5_writer.hpp>

#include "../support/golden.hpp"
#include "../support/temp_dir.hpp"
#include "raw_zip.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <sys/stat.h>

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;

namespace {

std::string path_of(const std::string& file) { return std::string(BANACH_GOLDEN_DIR) + "/" + file; }
Hdf5Reader open(const std::string& file) { return Hdf5Reader(path_of(file)); }

// Everything that a file holds, to compare.
std::vector<std::pair<std::string, Json>> read_all(Hdf5Reader reader) {
  std::vector<std::pair<std::string, Json>> content;
  std::vector<std::string> paths = reader.datasets();
  for (const std::string& path : paths) {
    const Array array = reader.read(path);
    const auto* bytes = static_cast<const char*>(array.raw());
    content.emplace_back(path + array.str(), std::string(bytes, array.nbytes()));
  }
  paths.emplace_back("");
  for (const std::string& path : paths) {
    for (const std::string& name : reader.attributes(path)) {
      content.emplace_back(path + "@" + name, *reader.attribute(path, name));
    }
  }
  return content;
}

std::vector<std::pair<std::string, Json>> read_bytes(const Bytes& bytes) {
  return read_all(Hdf5Reader(ByteSource(bytes, "seed.h5")));
}

Array counted(Shape shape, DType dtype) {
  Array values(shape, float64);
  for (std::int64_t i = 0; i < values.size(); ++i) {
    values.mutable_values<double>()[static_cast<std::size_t>(i)] = static_cast<double>(i);
  }
  return values.astype(dtype);
}

// Damage done to a seed.
struct Patch {
  Bytes bytes;

  Patch& at(std::size_t position, const Bytes& replacement) {
    REQUIRE(position + replacement.size() <= bytes.size());
    std::ranges::copy(replacement, bytes.begin() + static_cast<std::ptrdiff_t>(position));
    return *this;
  }
  // `offset` bytes from the first place where `text` stands.
  Patch& after(const Bytes& text, std::ptrdiff_t offset, const Bytes& replacement) {
    const auto found = std::search(bytes.begin(), bytes.end(), text.begin(), text.end());
    REQUIRE(found != bytes.end());
    return at(static_cast<std::size_t>(found - bytes.begin() + offset), replacement);
  }
  Patch& after(const char* text, std::ptrdiff_t offset, const Bytes& replacement) {
    return after(bytes_of(text), offset, replacement);
  }
};

Patch patch(const std::string& file) { return {bytes_of(golden_text(file))}; }
// a/b/c (2, 3) float32; attributes of a: name, names, units.
Patch plain() { return patch("hdf5_earliest.h5"); }
// k (3, 4) float32 in chunks of (2, 3), shuffled and deflated; its attribute name.
Patch chunked() { return patch("hdf5_seed.h5"); }

struct Malformed {
  std::string name;
  Bytes bytes;
  std::string reason;
};

const std::size_t kRootHeader = 96, kRootMessage = kRootHeader + 16;
const Bytes kChunkTree = bytes_of("TREE\x01");
const Bytes kChunkLayout = bytes_of({3, 2, 3});  // version, class, dims

std::vector<Malformed> malformed() {
  const std::uint64_t huge = std::uint64_t{1} << 62;
  const Bytes dims = little(2, 8) + little(3, 8), float_type = bytes_of({0x11, 0x20, 31, 0});
  const std::uint64_t deep = std::uint64_t{1} << 40;
  const auto dims_of = [&](std::uint64_t rows, std::uint64_t columns) {
    return plain().after(dims, 0, little(rows, 8) + little(columns, 8)).bytes;
  };
  return {
      {"signature", plain().at(1, bytes_of("x")).bytes, "expected an HDF5 file"},
      {"superblock 4", plain().at(8, little(4, 1)).bytes, "superblock version 4"},
      {"superblock 1", plain().at(8, little(1, 1)).bytes, "a base address"},
      {"offsets of 4 bytes", plain().at(13, little(4, 1)).bytes, "offsets of 4"},
      {"base address", plain().at(24, little(512, 8)).bytes, "a base address of 0x200"},
      {"end before the end", plain().bytes + bytes_of("x"), "followed by other bytes"},
      {"end after the end", plain().at(40, little(huge, 8)).bytes, "truncated"},
      {"driver", plain().at(48, little(96, 8)).bytes, "driver info"},
      {"root outside", plain().at(64, little(huge, 8)).bytes, "lies outside the file"},
      {"root no header", plain().at(64, little(8, 8)).bytes, "expected an object header"},
      {"header version 9", plain().at(kRootHeader, little(9, 1)).bytes,
       "expected an object header"},
      {"header of 4 GiB", plain().at(kRootHeader + 8, little(~0u, 4)).bytes, "outside the file"},
      {"continuation loop",
       plain()
           .at(kRootMessage, little(0x10, 2))
           .at(kRootMessage + 8, little(kRootMessage, 8) + little(24, 8))
           .bytes,
       "part of a loop"},
      {"shared message", plain().at(kRootMessage + 4, little(2, 1)).bytes, "shared message"},
      {"tree signature", plain().after("TREE", 0, bytes_of("x")).bytes, "signature 'TREE'"},
      {"tree loop", plain().after("TREE", 5, little(1, 1)).bytes, "signature 'TREE'"},
      {"tree of another type", plain().after("TREE", 4, little(1, 1)).bytes, "nodes of type 1"},
      {"tree of 65,535 entries", plain().after("TREE", 6, little(65535, 2)).bytes, "outside"},
      {"heap of 2^62 bytes", plain().after("HEAP", 8, little(huge, 8)).bytes, "outside the file"},
      {"heap version", plain().after("HEAP", 4, little(7, 1)).bytes, "version 7"},
      {"name outside the heap", plain().after("SNOD", 8, little(deep, 8)).bytes, "leaves the heap"},
      {"member without a name", plain().after("SNOD", 8, little(0, 8)).bytes, "is empty"},
      {"65,535 members", plain().after("SNOD", 6, little(65535, 2)).bytes, "outside the file"},
      {"soft link", plain().after("SNOD", 24, little(2, 4)).bytes, "a soft link"},
      {"group that is its own member", plain().after("SNOD", 16, little(kRootHeader, 8)).bytes,
       "a loop of links"},
      {"50e6 x 50e6", dims_of(50'000'000, 50'000'000), "elements need 10000000000000000 bytes"},
      {"2^64 elements", dims_of(huge, 4), "say more than 2^63 bytes"},
      {"2^62 x 4 bytes", dims_of(huge, 1), "say more than 2^63 bytes"},
      {"2^64 dim", dims_of(~std::uint64_t{0}, 0), "say more than 2^63 bytes"},
      {"one row more", dims_of(3, 3), "elements need 36 bytes, the file has 24"},
      {"float from bit 1", plain().after(float_type, 8, little(1, 2)).bytes, "has the type float"},
      {"float of 80 bits", plain().after(float_type, 10, little(80, 2)).bytes, "float of 80 bits"},
      {"VAX float", plain().after(float_type, 1, little(0x61, 1)).bytes, "has the type float"},
      {"type of 0 bytes", plain().after(float_type, 4, little(0, 4)).bytes, "a size of 0"},
      {"time", plain().after(float_type, 0, little(0x12, 1)).bytes, "has the type time"},
      {"class 12", plain().after(float_type, 0, little(0x1C, 1)).bytes, "of class 12"},
      {"heap without a signature", plain().after("GCOL", 0, bytes_of("x")).bytes, "'GCOL'"},
      {"heap object outside", plain().after("GCOL", 24, little(huge, 8)).bytes, "ends too early"},
      {"heap object absent", plain().after("GCOL", 16, little(77, 2)).bytes, "has no object 1"},
      {"heap of 8 bytes", plain().after("GCOL", 8, little(8, 8)).bytes, "shorter than its header"},
      {"chunk dim 0", chunked().after(kChunkLayout, 11, little(0, 4)).bytes, "a dim of 0"},
      {"chunk of another element", chunked().after(kChunkLayout, 19, little(8, 4)).bytes,
       "elements of 8 bytes"},
      {"chunk of 4 GiB", chunked().after(kChunkLayout, 11, little(~0u, 4)).bytes, "4 GiB"},
      {"chunk that cannot unpack",
       chunked()
           .after(kChunkLayout, 11, little(1 << 20, 4) + little(4, 4))
           .after(kChunkTree, 6, little(1, 2))
           .bytes,
       "a chunk of 16777216 bytes is stored in"},
      {"50e6 x 50e6 in chunks",
       chunked()
           .after(little(3, 8) + little(4, 8), 0, little(50'000'000, 8) + little(50'000'000, 8))
           .bytes,
       "unpacks to 10000000000000000 bytes, more than the 17179869184 allowed"},
      {"chunk tree loop", chunked().after(kChunkTree, 5, little(1, 1)).bytes, "signature 'TREE'"},
      {"chunk tree outside", chunked().after(kChunkLayout, 3, little(huge, 8)).bytes, "outside"},
      {"chunk outside", chunked().after(kChunkTree, 24 + 32, little(huge, 8)).bytes,
       "lies outside the file"},
      {"chunk off the grid", chunked().after(kChunkTree, 24 + 8, little(1, 8)).bytes,
       "off the grid"},
      {"chunk twice", chunked().after(kChunkTree, 24 + 40 + 16, little(0, 8)).bytes,
       "has a chunk twice"},
      {"chunk missing", chunked().after(kChunkTree, 6, little(3, 2)).bytes,
       "has 4 chunks, of which 1 were never written"},
      {"chunk of 1 byte", chunked().after(kChunkTree, 24, little(1, 4)).bytes,
       "does not unpack to its 24 bytes"},
      {"chunk of no byte", chunked().after(kChunkTree, 24, little(0, 4)).bytes, "not possible"},
      {"unknown filter", chunked().after("shuffle", -8, little(307, 2)).bytes, "filter 307"},
  };
}

}  // namespace

TEST_CASE("Hdf5Reader reads Keras' .weights.h5") {
  Hdf5Reader file = open("keras_small.weights.h5");
  CHECK(file.members("") == std::vector<std::string>{"layers", "optimizer", "vars"});
  CHECK(file.members("layers") ==
        std::vector<std::string>{"alpha_dropout", "conv2d", "dense", "dense_1", "flatten"});
  CHECK(file.members("layers/flatten/vars").empty());
  CHECK(file.datasets().size() == 20);
  CHECK(file.datasets("layers/conv2d") ==
        std::vector<std::string>{"layers/conv2d/vars/0", "layers/conv2d/vars/1"});
  CHECK(file.info("layers/conv2d/vars/0").shape == Shape{3, 3, 1, 4});
  CHECK(file.info("layers/conv2d/vars/0").dtype == float32);
  CHECK(file.read("layers/dense/vars/0").at({0, 0}) == doctest::Approx(0.0910928));
  CHECK(same(file.read("optimizer/vars/0"), Array({}, int64)));
  CHECK(file.attribute("layers/dense/vars", "name") == Json("dense"));
  CHECK(file.attributes("layers/dense/vars") == std::vector<std::string>{"name"});
  CHECK_FALSE(file.attribute("layers", "name").has_value());
}

TEST_CASE("Hdf5Reader reads Keras' .h5, and the same weights") {
  Hdf5Reader legacy = open("keras_small.h5"), weights = open("keras_small.weights.h5");
  CHECK(legacy.attribute("", "keras_version") == Json("3.15.1"));
  CHECK(legacy.attribute("", "model_config")->as_string().find("\"Sequential\"") !=
        std::string::npos);
  CHECK(*legacy.string_list("model_weights", "layer_names") ==
        std::vector<std::string>{"conv2d", "alpha_dropout", "flatten", "dense", "dense_1"});
  CHECK(legacy.string_list("model_weights/flatten", "weight_names")->empty());
  CHECK_FALSE(legacy.string_list("model_weights", "weight_names").has_value());
  const auto names = *legacy.string_list("model_weights/dense", "weight_names");
  REQUIRE(names == std::vector<std::string>{"sequential/dense/kernel", "sequential/dense/bias"});
  CHECK(same(legacy.read("model_weights/dense/" + names[0]), weights.read("layers/dense/vars/0")));
}

TEST_CASE("Hdf5Reader reads every type of number, in both byte orders") {
  Hdf5Reader file = open("hdf5_kinds.h5");
  const Array signed_values = Array::of<double>({-2, -1, 0, 1, 2, 3}, {2, 3});
  const std::pair<const char*, DType> types[] = {
      {"i1", int32},    {"i2", int32},    {"i4", int32},    {"i8", int64},         {"f2", float16},
      {"f4", float32},  {"f8", float64},  {">i2", int32},   {">i4", int32},        {">i8", int64},
      {">f2", float16}, {">f4", float32}, {">f8", float64}, {"bfloat16", bfloat16}};
  for (const auto& type : types) {
    const std::string path = std::string("types/") + type.first;
    INFO("path ", path);
    CHECK(same(file.read(path), signed_values.astype(type.second)));
  }
  const struct {
    std::string path;
    DType dtype;
    double first;
  } unsigned_types[] = {{"types/u1", uint8, 63},         {"types/u2", int32, 16383},
                        {"types/u4", int64, 1073741823}, {"types/>u4", int64, 1073741823},
                        {"types/u8", int64, 0x1p62},     {"types/>u8", int64, 0x1p62}};
  for (const auto& c : unsigned_types) {
    INFO("path ", c.path);
    const Array array = file.read(c.path);
    CHECK(array.dtype() == c.dtype);
    CHECK(array.flat(0) == c.first);
    const auto numbers = array.to_vector<std::int64_t>();
    CHECK(numbers[5] - numbers[0] == 5);
  }
  CHECK(same(file.read("types/bool"),
             Array::of<bool>({false, true, true, true, false, false}, {2, 3})));
}

TEST_CASE("Hdf5Reader names the types that the file has") {
  Hdf5Reader file = open("hdf5_kinds.h5");
  const std::pair<const char*, const char*> types[] = {
      {"i1", "int8"},     {"u2", "uint16"},         {">u8", "uint64"}, {"f2", "float16"},
      {">f8", "float64"}, {"bfloat16", "bfloat16"}, {"bool", "bool"}};
  for (const auto& [path, name] : types) {
    const Hdf5StoredDataset stored = file.stored_info(std::string("types/") + path);
    CHECK(stored.dtype == name);
    CHECK(stored.shape == Shape{2, 3});
  }
  CHECK(open("hdf5_refused.h5").stored_info("d/string").dtype == "string");
}

TEST_CASE("Hdf5Reader reads every kind of float16") {
  const Array stored = open("hdf5_kinds.h5").read("types/f2_all");
  REQUIRE(stored.dtype() == float16);
  const Array halves = stored.astype(float32);
  for (std::size_t i = 0; i < halves.values<float>().size(); ++i) {
    const std::size_t bits = 61 * i, exponent = bits >> 10 & 31, fraction = bits & 1023;
    double expected = std::ldexp(static_cast<double>(fraction + (exponent > 0 ? 1024 : 0)),
                                 static_cast<int>(exponent > 0 ? exponent : 1) - 25);
    if (exponent == 31) expected = fraction == 0 ? HUGE_VAL : std::nan("");
    if (bits >= 0x8000) expected = -expected;
    const double value = halves.values<float>()[i];
    INFO("bits ", bits);
    CHECK((value == expected || (std::isnan(value) && std::isnan(expected))));
    CHECK(std::signbit(value) == (bits >= 0x8000));
  }
}

TEST_CASE("Hdf5Reader reads every layout") {
  Hdf5Reader file = open("hdf5_kinds.h5");
  const Array expected = counted({7, 5}, float32);
  for (const std::string name :
       {"contiguous", "compact", "chunked", "deflate", "shuffle", "both", "one_chunk", "half"}) {
    INFO("layout ", name);
    const DType dtype = name == "half" ? float16 : float32;
    CHECK(same(file.read("layouts/" + name), expected.astype(dtype)));
  }
  CHECK(same(file.read("layouts/levels"), counted({150}, int32)));
  CHECK(same(file.read("layouts/cube"), counted({3, 4, 5}, int32)));
  CHECK(same(file.read("layouts/scalar"), Array::full({}, 2.5)));
  CHECK(file.read("layouts/empty").shape() == Shape{0, 5});
}

TEST_CASE("Hdf5Reader reads attributes") {
  Hdf5Reader file = open("hdf5_kinds.h5");
  const std::pair<std::string, Json> attributes[] = {{"text", "A\xC3\xA9\xE2\x82\xAC"},
                                                     {"bytes", "abc"},
                                                     {"no_text", ""},
                                                     {"long", std::string(5000, 'x')},
                                                     {"padded", "ab"},
                                                     {"texts", Json::list({"one", "", "three"})},
                                                     {"fixed", Json::list({"one", "", "three"})},
                                                     {"none", Json::list()},
                                                     {"int", 7},
                                                     {"float", 0.5},
                                                     {"bool", true},
                                                     {"ints", Json::list({1, 2, 3, 4})},
                                                     {"bools", Json::list({true, false})},
                                                     {"empty", Json()}};
  for (const auto& expected : attributes) {
    INFO("attribute ", expected.first);
    CHECK(file.attribute("attributes", expected.first) == expected.second);
  }
  CHECK(file.attributes("attributes").size() == std::size(attributes) + 5);
  CHECK_FALSE(file.attribute("attributes", "absent").has_value());
  CHECK_THROWS_AS(file.attribute("attributes", "compound"), NotSupported);
}

TEST_CASE("Hdf5Reader joins a list that Keras has cut") {
  Hdf5Reader file = open("hdf5_kinds.h5");
  CHECK(*file.string_list("attributes", "parts") == std::vector<std::string>{"a", "b", "c"});
  CHECK(*file.string_list("attributes", "fixed") == std::vector<std::string>{"one", "", "three"});
  CHECK_FALSE(file.string_list("attributes", "absent").has_value());
  for (const char* name : {"mixed", "text", "ints"}) {
    CHECK(error_of<Corruption>([&] {
            file.string_list("attributes", name);
          }).find("expected a list of strings, received ") != std::string::npos);
  }
}

TEST_CASE("Hdf5Reader reads groups of several B-tree levels") {
  Hdf5Reader file = open("hdf5_kinds.h5");
  CHECK(file.members("many").size() == 300);
  CHECK(file.datasets("many").size() == 300);
  CHECK(file.read("/many/m299/").flat(0) == 2.5);
  CHECK(file.contains("many/m0"));
  CHECK_FALSE(file.contains("many/m300"));
  CHECK_FALSE(file.contains("many/m0/below"));
  CHECK(file.is_group("many"));
  CHECK_FALSE(file.is_group("many/m0"));
  CHECK(file.is_dataset("many/m0"));
  CHECK_FALSE(file.is_dataset("none"));
  CHECK_THROWS_WITH_AS(file.members("none"),
                       (path_of("hdf5_kinds.h5").insert(0, "[") + "] has no 'none'").c_str(),
                       NotFound);
  CHECK_THROWS_AS(file.members("many/m0"), NotFound);
  CHECK_THROWS_AS(file.read("many"), NotFound);
}

TEST_CASE("Hdf5Reader reads what newer versions of the format write, as far as it is small") {
  for (const std::string version : {"earliest", "v108", "latest"}) {
    INFO("version ", version);
    Hdf5Reader file = open("hdf5_" + version + ".h5");
    CHECK(same(file.read("a/b/c"), counted({2, 3}, float32)));
    CHECK(file.attribute("a", "name") == Json("dense"));
    CHECK(file.attribute("a", "names") == Json::list({"kernel", "bias"}));
    CHECK(file.attribute("a", "units") == Json(3));
  }
  Hdf5Reader latest = open("hdf5_latest.h5");
  CHECK_THROWS_AS(latest.read("chunked"), NotSupported);
  CHECK_THROWS_AS(latest.members("dense"), NotSupported);
  CHECK_THROWS_AS(latest.attribute("attributes", "n0"), NotSupported);
}

TEST_CASE("Hdf5Reader checks the checksums of newer versions") {
  for (const char* file : {"hdf5_v108.h5", "hdf5_latest.h5"}) {
    Patch bytes = patch(file);
    for (const char* block : {"OHDR", "HDF"}) {
      Bytes damaged = Patch(bytes).after(block, 40, bytes_of("!")).bytes;
      CHECK(error_of<Corruption>([&] { read_bytes(damaged); }).find("checksum is wrong") !=
            std::string::npos);
    }
  }
}

TEST_CASE("Hdf5Reader refuses valid HDF5 that it does not read, and says where and why") {
  const std::pair<std::string, std::string> cases[] = {
      {"soft/link", "[hdf5_refused.h5/soft/link] is a soft link"},
      {"external/link", "[hdf5_refused.h5/external/link] is an external link"},
      {"d/external", "keeps its elements in other files"},
      {"d/virtual", "is a virtual dataset"},
      {"d/compound", "has the type compound"},
      {"d/opaque", "received opaque bytes"},
      {"d/bfloat16_unnamed", "received opaque bytes"},
      {"d/string", "expected numbers or bools, received strings"},
      {"d/complex", "has the type compound"},
      {"d/reference", "has the type reference"},
      {"d/committed", "a shared message"},
      {"d/extended", "float of 80 bits"},
      {"d/lzf", "filter 32000, expected deflate (gzip) or shuffle"},
      {"d/fletcher32", "filter 3,"},
      {"d/unwritten", "never written"},
      {"d/bomb", "never written"},
      {"d/unwritten_chunk", "has 2 chunks, of which 1 were never written"},
      {"d/uint64", "has the uint64 9223372036854775808"},
      {"d/rank9", "has 9 axes"},
  };
  Hdf5Reader file(ByteSource(bytes_of(golden_text("hdf5_refused.h5")), "hdf5_refused.h5"));
  for (const auto& c : cases) {
    INFO("path ", c.first);
    const std::string text = error_of<Error>([&] { file.read(c.first); });
    INFO("message ", text);
    CHECK(text.find("[hdf5_refused.h5/" + c.first) == 0);
    CHECK(text.find(c.second) != std::string::npos);
  }
  CHECK_THROWS_AS(file.datasets(), NotSupported);
}

TEST_CASE("Hdf5Reader refuses malformed files, and says where and why") {
  for (const Malformed& c : malformed()) {
    INFO("case ", c.name);
    const std::string text = error_of<Error>([&] {
      read_bytes(c.bytes);
      Hdf5Reader(ByteSource(c.bytes, "seed.h5")).attribute("a", "name");
    });
    INFO("message ", text);
    CHECK(text.find("[seed.h5") == 0);
    CHECK(text.find(c.reason) != std::string::npos);
  }
}

TEST_CASE("Hdf5Reader reads in place, within a larger file") {
  const TempDir folder;
  const Bytes content = plain().bytes;
  write_file_atomic(folder / "outer", bytes_of("before") + content + bytes_of("after"));
  const ByteSource outer(folder / "outer");
  Hdf5Reader inner(outer.range(6, content.size(), "outer/inner.h5"));
  CHECK(same(inner.read("a/b/c"), counted({2, 3}, float32)));
  CHECK(error_of<NotFound>([&] { inner.read("x"); }) == "[outer/inner.h5] has no 'x'");
}

TEST_CASE("Hdf5Reader takes regular files only, and says so at once") {
  const TempDir folder;
  CHECK_THROWS_AS(Hdf5Reader(folder / "none"), NotFound);
  CHECK_THROWS_AS(Hdf5Reader(folder.path().string()), IOError);
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_AS(Hdf5Reader(folder / "pipe"), IOError);
  CHECK_THROWS_AS(Hdf5Reader("/dev/zero"), IOError);
  write_file_atomic(folder / "empty", {});
  CHECK_THROWS_AS(Hdf5Reader(folder / "empty"), Corruption);
}

TEST_CASE("a damaged HDF5 file gives a value or a typed error") {
  for (const char* seed : {"hdf5_earliest.h5", "hdf5_v108.h5", "hdf5_seed.h5"}) {
    INFO("seed ", std::string(seed));
    const Bytes bytes = bytes_of(golden_text(seed));
    check_truncations(bytes, read_bytes);
    int values = 0, errors = 0;
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      Bytes damaged = bytes;
      damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      try {
        read_bytes(damaged);
        ++values;
      } catch (const Error&) {
        ++errors;
      }
    }
    CHECK(values > 0);
    CHECK(errors > 1000);
  }
}

TEST_CASE("a dataset is read into memory that exists when it fits") {
  Hdf5Writer writer;
  writer.dataset("x", Array::of<float>({1, 2, 3}));
  Hdf5Reader file(ByteSource(writer.bytes(), "a.h5"));
  float values[3] = {};
  file.read_into("x", float32, std::as_writable_bytes(std::span(values)));
  CHECK(values[2] == 3);
  CHECK_THROWS_WITH_AS(file.read_into("x", float64, std::as_writable_bytes(std::span(values))),
                       doctest::Contains("holds (3,) of float32, expected 12 bytes of float64"),
                       InvalidArgument);
}
