// What the SIMD kernels share: the vector type, loads and stores of a last part of a vector, and
// loops over ranges. Highway compiles this file, like every kernel, once for each instruction set;
// see hwy/examples/skeleton-inl.h for the ritual lines.
//
// A kernel's own helpers live in an unnamed namespace inside HWY_NAMESPACE; its lambdas need
// HWY_ATTR, because the instruction set is not inherited.

#if defined(BANACH_BACKEND_CPU_SIMD_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef BANACH_BACKEND_CPU_SIMD_INL_HPP_
#undef BANACH_BACKEND_CPU_SIMD_INL_HPP_
#else
#define BANACH_BACKEND_CPU_SIMD_INL_HPP_
#endif

#include <banach/core/bfloat16.hpp>
#include <banach/core/float16.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <hwy/cache_control.h>
#include <hwy/highway.h>
#include <type_traits>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, 16>;
using Floats = hn::Vec<Tag>;

HWY_INLINE std::int64_t num_lanes() { return static_cast<std::int64_t>(hn::Lanes(Tag())); }

HWY_INLINE Floats all(float value) { return hn::Set(Tag(), value); }

// memcpy of fewer than 16 floats, in steps whose size the compiler knows.
HWY_INLINE void copy_lanes(float* to, const float* from, std::int64_t count) {
  const auto step = [&]<std::size_t kSize>(std::integral_constant<std::size_t, kSize>) {
    if ((static_cast<std::size_t>(count) & kSize) == 0) return;
    std::memcpy(to, from, kSize * sizeof(float));
    to += kSize;
    from += kSize;
  };
  step(std::integral_constant<std::size_t, 8>());
  step(std::integral_constant<std::size_t, 4>());
  step(std::integral_constant<std::size_t, 2>());
  step(std::integral_constant<std::size_t, 1>());
}

/// The first `count` floats; the other lanes are 0. Reads no memory beyond them.
HWY_INLINE Floats load_part(const float* from, std::int64_t count) {
  const Tag d;
#if !HWY_MEM_OPS_MIGHT_FAULT || HWY_TARGET == HWY_AVX2  // AVX2 may fault, but not for floats
  return hn::MaskedLoad(hn::FirstN(d, static_cast<std::size_t>(count)), d, from);
#else
  HWY_ALIGN float lanes[16] = {};
  copy_lanes(lanes, from, count);
  return hn::Load(d, lanes);
#endif
}

HWY_INLINE void store_part(Floats v, float* to, std::int64_t count) {
  const Tag d;
#if !HWY_MEM_OPS_MIGHT_FAULT || HWY_TARGET == HWY_AVX2
  hn::BlendedStore(v, hn::FirstN(d, static_cast<std::size_t>(count)), d, to);
#else
  HWY_ALIGN float lanes[16] = {};
  hn::Store(v, d, lanes);
  copy_lanes(to, lanes, count);
#endif
}

// bfloat16 is the upper half of a float; see core/bfloat16.hpp for the rounding.
HWY_INLINE Floats load_half(const BFloat16* from) {
  const hn::Rebind<std::uint16_t, Tag> d16;
  const hn::RebindToUnsigned<Tag> d32;
  const auto bits = hn::LoadU(d16, reinterpret_cast<const std::uint16_t*>(from));
  return hn::BitCast(Tag(), hn::ShiftLeft<16>(hn::PromoteTo(d32, bits)));
}

HWY_INLINE auto half_bits(Floats v, BFloat16) {
  const hn::Rebind<std::uint16_t, Tag> d16;
  const hn::RebindToUnsigned<Tag> d32;
  const hn::RebindToSigned<Tag> signed32;
  const auto bits = hn::BitCast(d32, v);
  const auto upper = hn::ShiftRight<16>(bits);
  const auto even = hn::And(upper, hn::Set(d32, 1));
  const auto rounded = hn::ShiftRight<16>(hn::Add(hn::Add(bits, hn::Set(d32, 0x7FFF)), even));
  const auto nan = hn::RebindMask(d32, hn::IsNaN(v));
  const auto result = hn::IfThenElse(nan, hn::Or(upper, hn::Set(d32, 0x40)), rounded);
  return hn::DemoteTo(d16, hn::BitCast(signed32, result));
}

// The same arithmetic as core/float16.hpp, for every instruction set: not all have it in one.
HWY_INLINE Floats load_half(const Float16* from) {
  const hn::Rebind<std::uint16_t, Tag> d16;
  const hn::RebindToSigned<Tag> d32;
  const auto bits =
      hn::PromoteTo(d32, hn::LoadU(d16, reinterpret_cast<const std::uint16_t*>(from)));
  const auto magnitude = hn::And(bits, hn::Set(d32, 0x7FFF));
  const auto sign = hn::ShiftLeft<16>(hn::Xor(bits, magnitude));
  const auto shifted = hn::ShiftLeft<13>(magnitude);
  const auto normal = hn::Add(shifted, hn::Set(d32, (127 - 15) << 23));
  const auto special = hn::Or(shifted, hn::Set(d32, 0x7F800000));
  const auto tiny = hn::BitCast(d32, hn::Mul(hn::ConvertTo(Tag(), magnitude), all(0x1p-24F)));
  const auto finite = hn::IfThenElse(hn::Lt(magnitude, hn::Set(d32, 0x0400)), tiny, normal);
  const auto result = hn::IfThenElse(hn::Lt(magnitude, hn::Set(d32, 0x7C00)), finite, special);
  return hn::BitCast(Tag(), hn::Or(result, sign));
}

HWY_INLINE auto half_bits(Floats v, Float16) {
  const hn::Rebind<std::uint16_t, Tag> d16;
  const hn::RebindToSigned<Tag> d32;
  const auto bits = hn::BitCast(d32, hn::Abs(v));
  const auto sign = hn::ShiftRight<16>(hn::AndNot(bits, hn::BitCast(d32, v)));
  const auto even = hn::And(hn::ShiftRight<13>(bits), hn::Set(d32, 1));
  const auto rebias = hn::Set(d32, 0xFFF - ((127 - 15) << 23));
  const auto normal = hn::ShiftRight<13>(hn::Add(hn::Add(bits, rebias), even));
  const auto half = all(0.5F);
  const auto tiny = hn::Sub(hn::BitCast(d32, hn::Add(hn::Abs(v), half)), hn::BitCast(d32, half));
  const auto fraction = hn::And(hn::ShiftRight<13>(bits), hn::Set(d32, 0x3FF));
  const auto nan = hn::Or(fraction, hn::Set(d32, 0x7E00));
  auto result = hn::IfThenElse(hn::Lt(bits, hn::Set(d32, 0x38800000)), tiny, normal);
  result = hn::IfThenElse(hn::Lt(bits, hn::Set(d32, 0x477FF000)), result, hn::Set(d32, 0x7C00));
  result = hn::IfThenElse(hn::Gt(bits, hn::Set(d32, 0x7F800000)), nan, result);
  const auto signed_result = hn::Or(result, hn::And(sign, hn::Set(d32, 0x8000)));
  return hn::DemoteTo(d16, signed_result);
}

template <class Half>
HWY_INLINE void store_half(Floats v, Half* to) {
  const hn::Rebind<std::uint16_t, Tag> d16;
  hn::StoreU(half_bits(v, Half()), d16, reinterpret_cast<std::uint16_t*>(to));
}

/// How a loop's body reaches memory: whole vectors, or the last part of one. Both run the same
/// arithmetic, so an element's bits do not depend on where it lies.
struct Whole {
  HWY_INLINE Floats load(const float* from) const { return hn::LoadU(Tag(), from); }
  HWY_INLINE void store(Floats v, float* to) const { hn::StoreU(v, Tag(), to); }
  template <class Half>
  HWY_INLINE Floats load(const Half* from) const {
    return load_half(from);
  }
  template <class Half>
  HWY_INLINE void store(Floats v, Half* to) const {
    store_half(v, to);
  }
};
struct Part {
  std::int64_t count;
  HWY_INLINE Floats load(const float* from) const { return load_part(from, count); }
  HWY_INLINE void store(Floats v, float* to) const { store_part(v, to, count); }
  template <class Half>
  HWY_INLINE Floats load(const Half* from) const {
    Half lanes[16] = {};
    std::memcpy(lanes, from, static_cast<std::size_t>(count) * sizeof *from);
    return load_half(lanes);
  }
  template <class Half>
  HWY_INLINE void store(Floats v, Half* to) const {
    Half lanes[16];
    store_half(v, lanes);
    std::memcpy(to, lanes, static_cast<std::size_t>(count) * sizeof *to);
  }
};

/// Asks for the line a page after `from`: what the machine fetches by itself ends with the page.
HWY_INLINE void fetch_ahead(const void* from) {
  constexpr std::ptrdiff_t kPage = 4096;
  hwy::Prefetch(static_cast<const std::byte*>(from) + kPage);
}

/// As Whole; when `streamed`, for many values that no cache holds: results go around the caches, to
/// addresses of whole vectors.
struct Streamable : Whole {
  bool streamed;

  explicit Streamable(bool streamed) : streamed(streamed) {}
  template <class T>
  HWY_INLINE Floats load(const T* from) const {
    if (streamed) fetch_ahead(from);
    return Whole::load(from);
  }
  HWY_INLINE void store(Floats v, float* to) const {
    streamed ? hn::Stream(v, Tag(), to) : Whole::store(v, to);
  }
  template <class Half>
  HWY_INLINE void store(Floats v, Half* to) const {
    const hn::Rebind<std::uint16_t, Tag> d16;
    // below 16 bytes the instruction writes more than there is
    if (!streamed || hn::MaxLanes(d16) < 8) return Whole::store(v, to);
    hn::Stream(half_bits(v, Half()), d16, reinterpret_cast<std::uint16_t*>(to));
  }
};

HWY_INLINE void flush(bool streamed) {
  if (streamed) hwy::FlushStream();
}

/// Calls body(access, offset) for the vectors of [0, size).
template <class Body>
HWY_INLINE void for_each_vector(std::int64_t size, const Body& body) {
  const std::int64_t lanes = num_lanes();
  std::int64_t i = 0;
  for (; i + lanes <= size; i += lanes) body(Whole(), i);
  if (i < size) body(Part{size - i}, i);
}
/// The same, whose results are `streamed` or not; before another thread reads them, flush().
template <class Body>
HWY_INLINE void for_each_vector(std::int64_t size, bool streamed, const Body& body) {
  const std::int64_t lanes = num_lanes();
  std::int64_t i = 0;
  for (; i + lanes <= size; i += lanes) body(Streamable(streamed), i);
  if (i < size) body(Part{size - i}, i);
}

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#endif
