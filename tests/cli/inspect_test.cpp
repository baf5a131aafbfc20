#include <banach/formats/event_file.hpp>
#include <banach/formats/gzip.hpp>
#include <banach/formats/json.hpp>
#include <banach/formats/npy.hpp>
#include <banach/formats/npz.hpp>
#include <banach/formats/png.hpp>
#include <banach/formats/safetensors.hpp>
#include <banach/formats/zip.hpp>
#include <tests/cli/process.hpp>
#include <tests/support/temp_dir.hpp>

#include <algorithm>
#include <doctest/doctest.h>
#include <zlib.h>

using namespace banach;
using namespace banach::formats;
using banach::testing::run;
using banach::testing::TempDir;

namespace {

const std::string kGolden = BANACH_GOLDEN_DIR "/";
const std::string kModel = kGolden + "keras_small.keras";

Json inspect(const std::string& file, std::vector<std::string> options = {}) {
  options.insert(options.begin(), {"inspect", file});
  const auto result = run(options);
  INFO(result.err);
  REQUIRE(result.code == 0);
  return parse_json(result.out, "stdout");
}

Bytes gzip(ByteSpan bytes) {
  Bytes packed(compressBound(bytes.size()) + 32);
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

const std::string kIdx("\0\0\x08\2\0\0\0\2\0\0\0\3abcdef", 18);

}  // namespace

TEST_CASE(
    "inspect shows members, weights and versions of a .keras file, and its config when asked") {
  const Json json = inspect(kModel);
  CHECK(json.at("format").as_string() == "keras");
  CHECK(json.at("keras_version").as_string() == "3.15.1");
  CHECK(json.at("class").as_string() == "Sequential");
  CHECK(json.at("compiled").as_bool());
  CHECK_FALSE(json.at("self_test").as_bool());
  CHECK(json.at("members").as_list().size() == 3);
  const Json& kernel = json.at("weights").at("layers/conv2d/vars/0");
  CHECK(kernel.at("shape") == Json::list({3, 3, 1, 4}));
  CHECK(kernel.at("dtype").as_string() == "float32");
  CHECK(json.find("config") == nullptr);
  CHECK(inspect(kModel, {"--config"}).at("config").at("class_name").as_string() == "Sequential");
}

TEST_CASE("inspect shows datasets, attributes and, when asked, configs of an .h5 file") {
  const Json json = inspect(kGolden + "keras_small.h5");
  CHECK(json.at("format").as_string() == "hdf5");
  CHECK(json.at("attributes").at("/").at("backend").as_string() == "tensorflow");
  const std::string shown = json.at("attributes").at("/").at("model_config").as_string();
  CHECK(shown.ends_with(" characters)"));
  CHECK(shown.size() < 100);
  const Json whole = inspect(kGolden + "keras_small.h5", {"--config"});
  CHECK(whole.at("config").at("class_name").as_string() == "Sequential");
  CHECK(whole.at("training_config").is_dict());
}

TEST_CASE("inspect shows what an HDF5 file holds that arrays have not") {
  const Json json = inspect(kGolden + "hdf5_kinds.h5");
  std::vector<std::string> dtypes;
  for (const auto& [path, dataset] : json.at("datasets").as_dict()) {
    if (const Json* dtype = dataset.find("dtype")) dtypes.push_back(dtype->as_string());
  }
  for (const char* dtype : {"float16", "uint16", "int8", "bfloat16", "bool"}) {
    INFO(dtype);
    CHECK(std::ranges::find(dtypes, dtype) != dtypes.end());
  }
}

TEST_CASE("inspect shows shapes and dtypes of arrays") {
  const TempDir folder;
  save_npz(folder / "a.npz", {{"x", Array({5, 2})}, {"y", Array({5}, int64)}}, true);
  const Json npz = inspect(folder / "a.npz");
  CHECK(npz.at("arrays").at("x").at("shape") == Json::list({5, 2}));
  CHECK(npz.at("arrays").at("y").at("dtype").as_string() == "int64");
  CHECK(npz.at("members").as_list().size() == 2);
  write_file_atomic(folder / "a.npy", write_npy(Array({3, 1}, boolean)));
  CHECK(inspect(folder / "a.npy").at("dtype").as_string() == "bool");
  save_safetensors(folder / "a.safetensors", {{{"w", Array({2, 3}, bfloat16)}}, {{"by", "us"}}});
  const Json tensors = inspect(folder / "a.safetensors");
  CHECK(tensors.at("arrays").at("w").at("dtype").as_string() == "bfloat16");
  CHECK(tensors.at("metadata").at("by").as_string() == "us");
}

TEST_CASE("inspect shows IDX, JSON and ZIP files, and what a gzip file holds") {
  const TempDir folder;
  write_file_atomic(folder / "digits.gz", gzip(as_bytes(kIdx)));
  const Json packed = inspect(folder / "digits.gz");
  CHECK(packed.at("unpacked_size").as_int() == 18);
  CHECK(packed.at("content").at("format").as_string() == "idx");
  CHECK(packed.at("content").at("shape") == Json::list({2, 3}));
  write_file_atomic(folder / "twice.gz", gzip(gzip(as_bytes(kIdx))));
  CHECK(inspect(folder / "twice.gz").at("content").at("format").as_string() == "gzip");
  write_file_atomic(folder / "a.json", as_bytes(R"( {"class_name": "Dense", "config": {}})"));
  CHECK(inspect(folder / "a.json").at("keys") == Json::list({"class_name", "config"}));
  write_file_atomic(folder / "a.zip", write_zip({{"a.txt", Bytes(7)}}));
  CHECK(inspect(folder / "a.zip").at("members").as_list().at(0).at("size").as_int() == 7);
}

TEST_CASE("inspect shows pictures, tables and logs") {
  const TempDir folder;
  save_png(folder / "a.png", Array({4, 5, 3}, uint8));
  CHECK(inspect(folder / "a.png").at("shape") == Json::list({4, 5, 3}));
  write_file_atomic(folder / "a.csv", as_bytes("size,kind\n1,a\n2,b\n"));
  const Json table = inspect(folder / "a.csv");
  CHECK(table.at("rows").as_int() == 2);
  CHECK(table.at("columns").at("kind").as_string() == "texts");
  EventWriter writer(folder / "logs");
  for (int step = 3; step < 6; ++step) writer.scalar("loss", 0.5, step);
  writer.flush();
  const Json tag = inspect(writer.path()).at("tags").at("loss");
  CHECK(tag.at("count").as_int() == 3);
  CHECK(tag.at("first_step").as_int() == 3);
  CHECK(tag.at("last_step").as_int() == 5);
}

TEST_CASE("inspect tells formats by their content, whatever the name says") {
  const TempDir folder;
  std::filesystem::copy_file(kModel, folder / "a.txt");
  CHECK(inspect(folder / "a.txt").at("format").as_string() == "keras");
  std::filesystem::copy_file(kGolden + "keras_small.h5", folder / "a.npz");
  CHECK(inspect(folder / "a.npz").at("format").as_string() == "hdf5");
}

TEST_CASE("inspect puts what is short into one line, and --json everything") {
  const auto text = run({"inspect", kGolden + "losses.npz"}).out;
  CHECK(text.find("{\"shape\": [") != std::string::npos);
  CHECK(std::ranges::count(text, '\n') > 10);
  CHECK(std::ranges::count(run({"inspect", kModel, "--json"}).out, '\n') == 1);
}

TEST_CASE("inspect refuses what it does not know, and says what it reads") {
  const TempDir folder;
  write_file_atomic(folder / "a.txt", as_bytes("hello"));
  const auto unknown = run({"inspect", folder / "a.txt"});
  CHECK(unknown.code == 69);
  CHECK(unknown.err.find("inspect reads a ZIP archive, an HDF5 file, ") != std::string::npos);
  write_file_atomic(folder / "a.keras", as_bytes("hello"));
  const auto other = run({"inspect", folder / "a.keras"});
  CHECK(other.code == 65);
  CHECK(other.err.find("a.keras: expected a ZIP archive, but") != std::string::npos);
  write_file_atomic(folder / "a.h5", {});
  CHECK(run({"inspect", folder / "a.h5"}).err.find("it is empty") != std::string::npos);
  CHECK(run({"inspect", folder / "none.h5"}).code == 66);
  CHECK(run({"inspect", folder.path().string()}).code == 74);
}

TEST_CASE("inspect of half a file ends with 65 and one line that names it") {
  const TempDir folder;
  save_npz(folder / "a.npz", {{"x", Array({50, 2})}});
  write_file_atomic(folder / "a.npy", write_npy(Array({30, 1})));
  save_safetensors(folder / "a.safetensors", {{{"w", Array({20, 3})}}, {}});
  write_file_atomic(folder / "a.idx", as_bytes(kIdx));
  write_file_atomic(folder / "a.gz", gzip(as_bytes(kIdx)));
  write_file_atomic(folder / "a.json", as_bytes(R"({"a": [1, 2, 3, 4]})"));
  for (const std::string name : {"keras_small.keras", "keras_small.h5"}) {
    std::filesystem::copy_file(kGolden + name, folder / name);
  }
  for (const char* name : {"a.npz", "a.npy", "a.safetensors", "a.idx", "a.gz", "a.json",
                           "keras_small.keras", "keras_small.h5"}) {
    INFO(name);
    Bytes bytes = read_file(folder / name);
    bytes.resize(bytes.size() * 3 / 4);
    write_file_atomic(folder / name, bytes);
    const auto result = run({"inspect", folder / name});
    CHECK(result.code == 65);
    CHECK(result.out.empty());
    CHECK(result.err.find(name) != std::string::npos);
    CHECK(std::ranges::count(result.err, '\n') == 1);
  }
}
