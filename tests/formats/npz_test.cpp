#include <banach/core/errors.hpp>
#include <banach/formats/npy.hpp>
#include <banach/formats/npz.hpp>
#include <banach/formats/zip.hpp>

#include "../support/temp_dir.hpp"
#include "samples.hpp"

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;

namespace {

using Arrays = std::map<std::string, Array>;

Arrays sample() {
  return {{"x_train", Array::of<std::uint8_t>({1, 2, 3, 4}, {2, 2})},
          {"layers/dense", Array::of<float>({-1, 0.5f})},
          {"scalar", Array::full({}, 3, int64)}};
}

bool same(const Arrays& a, const Arrays& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](auto& x, auto& y) {
           return x.first == y.first && banach::testing::same(x.second, y.second);
         });
}

std::map<std::string, Bytes> content(const Bytes& bytes) {
  std::map<std::string, Bytes> result;
  for (const auto& [name, array] : parse_npz(bytes, "seed.npz")) result[name] = write_npy(array);
  return result;
}

// numpy 2.4: np.savez_compressed("g.npz", a=np.arange(6, dtype="i4").reshape(2, 3).T), in
// Fortran order and, as always from numpy, with 64-bit sizes in the local header.
constexpr std::string_view kNumpy =
    "504b03042d0000000800000021000508a3c7ffffffffffffffff05001400612e6e7079010010009800000000"
    "00000054000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a2aea3a09e965f5452"
    "9498179f5f94920a120f292a4d050a17672416a402b91ac63a0a469a3a0ab50ae4032e062060046226206606"
    "62162066056200504b01022d032d0000000800000021000508a3c75400000098000000050000000000000000"
    "000000800100000000612e6e7079504b05060000000001000100330000008b0000000000";

Bytes from_hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

}  // namespace

TEST_CASE("parse_npz reads what numpy wrote, and survives damage to it") {
  const Bytes seed = from_hex(kNumpy);
  const Arrays arrays = parse_npz(seed, "g.npz");
  REQUIRE(arrays.contains("a"));
  CHECK(banach::testing::same(arrays.at("a"), Array::of<std::int32_t>({0, 3, 1, 4, 2, 5}, {3, 2})));
  check_truncations(seed, content);
  CHECK(check_bit_flips(seed, content) > 0);
}

TEST_CASE("save_npz then load_npz gives the arrays back") {
  const TempDir folder;
  for (bool compressed : {false, true}) {
    save_npz(folder / "a.npz", sample(), compressed);
    CHECK(same(load_npz(folder / "a.npz"), sample()));
  }
  save_npz(folder / "a.npz", {});
  CHECK(load_npz(folder / "a.npz").empty());
  CHECK(folder.entries() == 1);
}

TEST_CASE("load_npz names file and member in its errors") {
  const TempDir folder;
  CHECK_THROWS_AS(load_npz(folder / "none.npz"), NotFound);
  write_file_atomic(folder / "bad.npz", write_zip({{"x.npy", bytes_of("nothing"), false}}));
  CHECK(error_of<Corruption>([&] {
          load_npz(folder / "bad.npz");
        }).find("bad.npz/x.npy] expected an .npy file") != std::string::npos);
  write_file_atomic(folder / "odd.npz", write_zip({{"readme.txt", bytes_of("hello"), false}}));
  CHECK_THROWS_AS(load_npz(folder / "odd.npz"), Corruption);
}

TEST_CASE("a damaged npz gives the same arrays or a typed error") {
  for (bool compressed : {false, true}) {
    const Bytes seed =
        write_npz({{"a", Array::of<float>({1, 2})}, {"b", Array::full({}, 1)}}, compressed);
    check_truncations(seed, content);
    CHECK(check_bit_flips(seed, content) > 0);
  }
}
