#include <banach/core/errors.hpp>
#include <banach/formats/npy.hpp>
#include <banach/formats/npy_header.hpp>

#include "samples.hpp"

#include <fmt/format.h>

using namespace banach;
using namespace banach::formats;
using namespace banach::testing;

namespace {

Array parse(const Bytes& bytes) { return parse_npy(bytes, "seed.npy"); }

Bytes npy(const std::string& header, const Bytes& elements, int version = 1) {
  const auto length = static_cast<int>(header.size());
  Bytes bytes = bytes_of("\x93NUMPY") + bytes_of({version, 0, length & 255, length >> 8});
  if (version > 1) bytes = std::move(bytes) + bytes_of({0, 0});
  return std::move(bytes) + bytes_of(header) + elements;
}

Bytes npy_of(const std::string& descr, const std::string& shape, const Bytes& elements) {
  return npy(
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}\n", descr, shape),
      elements);
}

}  // namespace

TEST_CASE("write_npy then parse_npy gives the array back") {
  for (DType dtype : {float32, float64, int32, int64, uint8, boolean, float16}) {
    for (const Shape& shape : {Shape{}, Shape{0}, Shape{1}, Shape{2, 3}, Shape{2, 0, 3},
                               Shape{1, 2, 1, 2, 1, 2, 1, 2}}) {
      const Array array = Array::full(shape, 1, dtype);
      CHECK(same(parse(write_npy(array)), array));
      CHECK((write_npy(array).size() - array.nbytes()) % 64 == 0);
    }
  }
}

TEST_CASE("write_npy writes what numpy.save writes") {
  const Bytes bytes = write_npy(Array::of<float>({1, 2}));
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  const std::string padding(128 - 10 - header.size() - 1, ' ');
  CHECK(bytes == npy(header + padding + "\n", bytes_of({0, 0, 0x80, 0x3f, 0, 0, 0, 0x40})));
}

TEST_CASE("parse_npy reads all three versions, and headers as others write them") {
  const Array expected = Array::of<std::uint8_t>({7, 8}, {2, 1});
  const Bytes elements = bytes_of({7, 8});
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1), }\n";
  for (int version : {1, 2, 3}) CHECK(same(parse(npy(header, elements, version)), expected));
  CHECK(same(parse(npy("{\"shape\":(2L,1L),'fortran_order':False,'descr':'|u1'}", elements)),
             expected));
}

TEST_CASE("parse_npy transposes Fortran order") {
  const std::string header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }";
  CHECK(same(parse(npy(header, bytes_of({1, 4, 2, 5, 3, 6}))),
             Array::of<std::uint8_t>({1, 2, 3, 4, 5, 6}, {2, 3})));
  const std::string cube = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2, 2), }";
  CHECK(same(parse(npy(cube, bytes_of({0, 4, 2, 6, 1, 5, 3, 7}))),
             Array::of<std::uint8_t>({0, 1, 2, 3, 4, 5, 6, 7}, {2, 2, 2})));
}

TEST_CASE("parse_npy refuses dtypes it cannot hold, objects first") {
  for (const char* descr : {"|O", ">f4", ">f2", "<u4", "|S3", "<c8", "|i1", ""}) {
    CHECK_THROWS_AS(parse(npy_of(descr, "(1,)", Bytes(8))), NotSupported);
  }
  CHECK_THROWS_AS(
      parse(npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}", Bytes(4))),
      NotSupported);
  CHECK(error_of<NotSupported>([] {
          parse(npy_of("|O", "(1,)", Bytes(8)));
        }).find("objects are never loaded") != std::string::npos);
}

TEST_CASE("parse_npy refuses lying headers without allocating") {
  const Bytes one(4);
  CHECK(parse(npy_of("<f4", "(1,)", one)).size() == 1);
  for (const char* shape :
       {"(2,)", "(0,)", "(-1,)", "(18446744073709551616,)", "(9223372036854775807,)",
        "(4294967296, 4294967296)", "(1, 2", "(1 2)", "1", "(1.0,)", "(((1,)))", "(,)", "(1,,)"}) {
    INFO("shape ", shape);
    CHECK_THROWS_AS(parse(npy_of("<f4", shape, one)), Corruption);
  }
  CHECK_THROWS_AS(parse(npy_of("<f4", "(4294967296, 4294967296, 0)", {})), Corruption);
  CHECK_THROWS_AS(parse(npy_of("<f4", "(1,)", one + one)), Corruption);
  CHECK_THROWS_AS(parse(npy_of("<f4", "(1,1,1,1,1,1,1,1,1)", one)), NotSupported);
  CHECK_THROWS_AS(parse(npy_of("|b1", "(4,)", bytes_of({0, 1, 2, 1}))), Corruption);
}

TEST_CASE("parse_npy refuses malformed headers") {
  CHECK_THROWS_AS(parse(bytes_of("\x93NUMPX\x01")), Corruption);
  CHECK_THROWS_AS(parse(npy("{'descr': '|u1', 'fortran_order': False, 'shape': ()}", Bytes(1), 4)),
                  NotSupported);
  const std::string deep(9000, '(');
  for (const std::string& header :
       {std::string("{}"), std::string("{'descr': '|u1', 'shape': ()}"), std::string("{"), deep,
        std::string("{'descr': '|u1', 'fortran_order': 0, 'shape': ()}"),
        std::string("{'descr': '|u1', 'fortran_order': False, 'shape': (), 'more': 1}"),
        std::string("{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': ()}"),
        std::string("{'descr': '|u1, 'fortran_order': False, 'shape': ()}"),
        std::string("{'descr': '|u1', 'fortran_order': False, 'shape': ()} x"),
        "{'descr': '|u1', 'fortran_order': False, 'shape': " + deep}) {
    INFO("header ", header.substr(0, 80));
    CHECK_THROWS_AS(parse(npy(header, Bytes(1))), Corruption);
  }
}

TEST_CASE("parse_npy checks the header's length before using it") {
  const Bytes start = bytes_of("\x93NUMPY") + bytes_of({2, 0});
  CHECK_THROWS_AS(parse(start + bytes_of({0xff, 0xff, 0xff, 0xff})), Corruption);
  CHECK_THROWS_AS(parse(start + bytes_of({0x10, 0x27, 0, 0}) + Bytes(100)), Corruption);
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': ()}";
  const std::string longest = header + std::string(kMaxNpyHeader - header.size(), ' ');
  CHECK(parse(npy(longest, Bytes(1), 2)).shape() == Shape{});
  CHECK_THROWS_AS(parse(npy(longest + " ", Bytes(1), 2)), Corruption);
}

TEST_CASE("parse_npy notices every truncation and survives every bit flip") {
  const Bytes seed = write_npy(Array::of<float>({1, 2, 3, 4, 5, 6}, {2, 3}));
  check_truncations(seed, parse);
  // Without a checksum a flipped element or dtype is another valid file: only no crash is asked.
  for (std::size_t bit = 0; bit < 8 * seed.size(); ++bit) {
    Bytes damaged = seed;
    damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    try {
      const Array array = parse(damaged);
      CHECK(array.nbytes() == 24);
    } catch (const Error&) {
    }
  }
}
