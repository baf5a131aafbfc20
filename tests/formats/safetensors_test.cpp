#include <banach/core/errors.hpp>
#include <banach/formats/safetensors.hpp>

#include "../support/memory.hpp"
#include "../support/temp_dir.hpp"
#include "raw_zip.hpp"

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;

namespace {

Safetensors parse(const Bytes& bytes) {
  return load_safetensors(ByteSource(bytes, "seed.safetensors"));
}

Bytes file_of(const std::string& header, std::size_t data) {
  return little(header.size(), 8) + bytes_of(header) + Bytes(data);
}

// An array's entry in a header.
std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return '"' + name + R"(":{"dtype":")" + dtype + R"(","shape":[)" + shape +
         R"(],"data_offsets":[)" + offsets + "]}";
}

struct Malformed {
  std::string name;
  Bytes bytes;
  std::string reason;
};

const Malformed kMalformed[] = {
    {"empty", {}, "] the header is too small"},
    {"7 bytes", Bytes(7), "] the header is too small"},
    {"header of 100,000,001 bytes", little(100'000'001, 8) + Bytes(100),
     "] the header is too large"},
    {"header of 2^64 bytes", little(~std::uint64_t{0}, 8) + Bytes(100),
     "] the header is too large"},
    {"header longer than the file", little(101, 8) + Bytes(100), "] the header of 101 bytes is"},
    {"header of no byte", little(0, 8), "] the header does not begin with '{'"},
    {"header is a list", file_of("[]", 0), "] the header does not begin with '{'"},
    {"header begins with a space", file_of(" {}", 0), "] the header does not begin with '{'"},
    {"no UTF-8", file_of("{\"\xFF\":1}", 0), "ill-formed UTF-8"},
    {"no JSON", file_of("{\"a\"}", 0), "] not the JSON expected, at byte 5"},
    {"deep JSON", file_of("{\"a\":" + std::string(1000, '['), 0), "nest deeper than 64 levels"},
    {"name twice",
     file_of("{" + entry("a", "U8", "1", "0,1") + "," + entry("a", "U8", "1", "1,2") + "}", 2),
     "has the key 'a' twice"},
    {"entry is a number", file_of(R"({"a":1})", 0), "/a] expected a dict, received an integer"},
    {"no dtype", file_of(R"({"a":{"shape":[1],"data_offsets":[0,1]}})", 1), "/a] has no 'dtype'"},
    {"no shape", file_of(R"({"a":{"dtype":"U8","data_offsets":[0,1]}})", 1), "/a] has no 'shape'"},
    {"no offsets", file_of(R"({"a":{"dtype":"U8","shape":[1]}})", 1), "/a] has no 'data_offsets'"},
    {"negative dim", file_of("{" + entry("a", "U8", "-1", "0,1") + "}", 1),
     "/a] 'shape': expected"},
    {"dim with a fraction", file_of("{" + entry("a", "U8", "1.5", "0,1") + "}", 1), "/a] 'shape':"},
    {"dim of 2^63", file_of("{" + entry("a", "U8", "9223372036854775808", "0,1") + "}", 1),
     "/a] 'shape':"},
    {"one offset", file_of("{" + entry("a", "U8", "1", "0") + "}", 1),
     "/a] 'data_offsets': expected"},
    {"negative offset", file_of("{" + entry("a", "U8", "1", "-1,0") + "}", 1),
     "/a] 'data_offsets':"},
    {"offsets backwards", file_of("{" + entry("a", "U8", "0", "1,0") + "}", 1), "/a] begins at 1"},
    {"gap before the first", file_of("{" + entry("a", "U8", "1", "1,2") + "}", 2),
     "/a] begins at 1"},
    {"gap",
     file_of("{" + entry("a", "U8", "1", "0,1") + "," + entry("b", "U8", "1", "2,3") + "}", 3),
     "/b] begins at 2 of the data, expected 1"},
    {"overlap",
     file_of("{" + entry("a", "U8", "2", "0,2") + "," + entry("b", "U8", "2", "1,3") + "}", 3),
     "/b] begins at 1 of the data, expected 2"},
    {"more bytes than shape", file_of("{" + entry("a", "F32", "1", "0,8") + "}", 8),
     "/a] (1,) needs 4"},
    {"fewer bytes than shape", file_of("{" + entry("a", "F32", "2", "0,4") + "}", 4),
     "/a] (2,) needs 8"},
    {"2^64 bytes", file_of("{" + entry("a", "F64", "4611686018427387904,4", "0,8") + "}", 8),
     "more than 2^63 bytes"},
    {"2^66 bytes of nothing",
     file_of("{" + entry("a", "F64", "4611686018427387904,4,0", "0,0") + "}", 0),
     "more than 2^63 bytes"},
    {"data longer than the arrays", file_of("{" + entry("a", "U8", "1", "0,1") + "}", 2),
     "] the arrays take 1 bytes, 2 follow"},
    {"data shorter than the arrays", file_of("{" + entry("a", "U8", "2", "0,2") + "}", 1),
     "] the arrays take 2 bytes, 1 follow"},
    {"bool of 2",
     little(61, 8) + bytes_of("{" + entry("a", "BOOL", "1", "0,1") + "}      ") + bytes_of({2}),
     "/a] a bool is 2"},
    {"metadata is a list", file_of(R"({"__metadata__":[]})", 0), "/__metadata__] expected a dict"},
    {"metadata of numbers", file_of(R"({"__metadata__":{"a":1}})", 0), "'a': expected a string"},
};

}  // namespace

TEST_CASE("write_safetensors then load_safetensors gives arrays and metadata back, in order") {
  Safetensors content;
  for (DType dtype : {uint8, float32, float64, int32, int64, boolean, bfloat16, float16}) {
    for (const Shape& shape : {Shape{}, Shape{0, 2}, Shape{3}, Shape{2, 3}}) {
      content.arrays.emplace_back(std::string(name_of(dtype)) + shape.str(),
                                  Array::full(shape, 1, dtype));
    }
  }
  content.metadata = {{"format", "pt"}, {"\xC3\xA9", "\n"}};
  const Safetensors read = parse(write_safetensors(content));
  CHECK(read.metadata == content.metadata);
  REQUIRE(read.arrays.size() == content.arrays.size());
  for (std::size_t i = 0; i < read.arrays.size(); ++i) {
    CHECK(read.arrays[i].first == content.arrays[i].first);
    CHECK(same(read.arrays[i].second, content.arrays[i].second));
  }
  CHECK(write_safetensors(read) == write_safetensors(content));
  CHECK(parse(write_safetensors({})).arrays.empty());
}

// The bytes of safetensors 0.8: safetensors.numpy.save({"a": float32 [1, 2], "b": uint8 [3]}).
TEST_CASE("load_safetensors reads what the reference implementation writes") {
  const std::string header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                             R"("b":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}      )";
  const Bytes data = bytes_of({0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 3});
  const Safetensors content = parse(little(header.size(), 8) + bytes_of(header) + data);
  REQUIRE(content.arrays.size() == 2);
  CHECK(same(content.arrays[0].second, Array::of<float>({1, 2})));
  CHECK(same(content.arrays[1].second, Array::of<std::uint8_t>({3})));
}

TEST_CASE("load_safetensors widens what Array does not have") {
  const struct {
    std::string dtype;
    Bytes data;
    Array expected;
  } cases[] = {{"F16", bytes_of({0, 0x3e}), Array::full({1}, 1.5, float16)},
               {"I8", bytes_of({0xfe}), Array::of<std::int32_t>({-2})},
               {"I16", bytes_of({0xfe, 0xff}), Array::of<std::int32_t>({-2})},
               {"U16", bytes_of({0xfe, 0xff}), Array::of<std::int32_t>({65534})},
               {"U32", bytes_of({0xff, 0xff, 0xff, 0xff}), Array::of<std::int64_t>({4294967295})},
               {"U64", bytes_of({1, 0, 0, 0, 0, 0, 0, 0}), Array::of<std::int64_t>({1})}};
  for (const auto& c : cases) {
    const std::string header =
        "{" + entry("a", c.dtype, "1", "0," + std::to_string(c.data.size())) + "}";
    INFO("header ", header);
    const Safetensors content = parse(little(header.size(), 8) + bytes_of(header) + c.data);
    CHECK(same(content.arrays.at(0).second, c.expected));
  }
  for (const char* dtype : {"F8_E4M3", "F4", "C64", "f32", ""}) {
    CHECK_THROWS_AS(parse(file_of("{" + entry("a", dtype, "1", "0,1") + "}", 1)), NotSupported);
  }
  CHECK_THROWS_AS(parse(file_of("{" + entry("a", "U8", "1,1,1,1,1,1,1,1,1", "0,1") + "}", 1)),
                  NotSupported);
}

TEST_CASE("read_safetensors_header gives names, shapes and the file's own types") {
  const std::string header =
      "{" + entry("a", "F16", "1,2", "0,4") + "," + entry("b", "U32", "1", "4,8") + "}";
  const SafetensorsHeader content =
      read_safetensors_header(ByteSource(file_of(header, 8), "seed.safetensors"));
  REQUIRE(content.entries.size() == 2);
  CHECK(content.entries[0].dtype == "float16");
  CHECK(content.entries[0].shape == Shape{1, 2});
  CHECK(content.entries[1].name == "b");
  CHECK(content.entries[1].dtype == "uint32");
}

TEST_CASE("load_safetensors refuses what is malformed, and says where and why") {
  for (const Malformed& c : kMalformed) {
    INFO("case ", c.name);
    const std::string text = error_of<Corruption>([&] { parse(c.bytes); });
    INFO("message ", text);
    CHECK(text.find("[seed.safetensors") == 0);
    CHECK(text.find(c.reason) != std::string::npos);
    if (c.name == "bool of 2") continue;  // which no header tells
    CHECK(error_of<Corruption>(
              [&] { read_safetensors_header(ByteSource(c.bytes, "seed.safetensors")); }) == text);
  }
}

TEST_CASE("write_safetensors refuses names that repeat") {
  CHECK_THROWS_AS(write_safetensors({{{"a", Array({1})}, {"a", Array({1})}}, {}}), InvalidArgument);
  CHECK_THROWS_AS(write_safetensors({{{"__metadata__", Array({1})}}, {}}), InvalidArgument);
}

TEST_CASE("save_safetensors and load_safetensors hold no second copy") {
  constexpr std::int64_t kSize = std::int64_t{16} << 20;  // 64 MiB
  constexpr std::size_t kSpare = std::size_t{8} << 20;
  const TempDir folder;
  const Safetensors content{{{"a", Array::full({kSize}, 1.5)}}, {}};
  {
    const PeakMemory writing;
    save_safetensors(folder / "a.safetensors", content);
    CHECK(writing.growth() < kSpare);
  }
  const PeakMemory reading;
  const Safetensors read = load_safetensors(folder / "a.safetensors");
  CHECK(reading.growth() < 4 * kSize + kSpare);
  CHECK(same(read.arrays[0].second, content.arrays[0].second));
  CHECK(folder.entries() == 1);
}

TEST_CASE("a damaged safetensors file gives a value or a typed error") {
  const Bytes seed = write_safetensors(
      {{{"kernel", Array::full({2, 3}, 1)}, {"bias", Array::full({3}, 1, uint8)}}, {{"k", "v"}}});
  check_truncations(seed, parse);
  int values = 0, errors = 0;
  for (std::size_t bit = 0; bit < 8 * seed.size(); ++bit) {
    Bytes damaged = seed;
    damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    try {
      parse(damaged);
      ++values;
    } catch (const Error&) {
      ++errors;
    }
  }
  CHECK(values > 8 * 27);  // the elements themselves
  CHECK(errors > 8 * 60);
}
