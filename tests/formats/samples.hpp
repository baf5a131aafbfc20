#pragma once

#include <banach/core/array.hpp>
#include <banach/core/errors.hpp>
#include <banach/formats/file.hpp>

#include <cstring>
#include <doctest/doctest.h>
#include <initializer_list>
#include <string>

#include <zlib.h>

/// What the tests of the formats share: small files made by hand, and damage done to them.
namespace banach::testing {

using formats::Bytes;
using formats::ByteSpan;

inline Bytes bytes_of(std::string_view text) {
  const ByteSpan span = formats::as_bytes(text);
  return {span.begin(), span.end()};
}

inline Bytes bytes_of(std::initializer_list<int> values) {
  Bytes bytes;
  for (int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// One gzip member.
inline Bytes gzip(ByteSpan bytes) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  Bytes packed(deflateBound(&stream, bytes.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// An IDX file of uint8 elements.
inline Bytes idx(std::initializer_list<std::uint32_t> dims, const Bytes& elements) {
  Bytes bytes = bytes_of({0, 0, 8, static_cast<int>(dims.size())});
  for (std::uint32_t dim : dims) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<std::byte>(dim >> shift & 0xff));
    }
  }
  return bytes + elements;
}

inline bool same(const Array& a, const Array& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() &&
         (a.nbytes() == 0 || std::memcmp(a.raw(), b.raw(), a.nbytes()) == 0);
}

/// Text of the error of type E that `f` throws; empty, with a failed check, when it does not.
template <class E, class F>
std::string error_of(F f) {
  try {
    f();
    FAIL_CHECK("no error was thrown");
  } catch (const E& error) {
    return error.what();
  }
  return "";
}

/// `read` of every strict prefix of `seed` must throw a typed error.
template <class F>
void check_truncations(const Bytes& seed, F read) {
  for (std::size_t length = 0; length < seed.size(); ++length) {
    INFO("truncated to ", length, " of ", seed.size(), " bytes");
    // A copy of its own, so that a sanitizer sees reads beyond the end.
    const Bytes prefix(seed.begin(), seed.begin() + static_cast<std::ptrdiff_t>(length));
    CHECK_THROWS_AS(read(prefix), Error);
  }
}

/// `read` of `seed` with any one bit flipped must give an equal value (a bit without meaning, such
/// as a time stamp's) or throw a typed error. Returns how many flips were noticed.
template <class F>
int check_bit_flips(const Bytes& seed, F read) {
  const auto original = read(seed);
  int noticed = 0;
  for (std::size_t bit = 0; bit < 8 * seed.size(); ++bit) {
    INFO("bit ", bit % 8, " of byte ", bit / 8, " of ", seed.size());
    Bytes damaged = seed;
    damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    try {
      const auto value = read(damaged);
      CHECK(value == original);
    } catch (const Error&) {
      ++noticed;
    }
  }
  return noticed;
}

}  // namespace banach::testing
