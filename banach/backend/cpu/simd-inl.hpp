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

#include <cstddef>
#include <cstdint>
#include <cstring>
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

/// How a loop's body reaches memory: whole vectors, or the last part of one. Both run the same
/// arithmetic, so an element's bits do not depend on where it lies.
struct Whole {
  HWY_INLINE Floats load(const float* from) const { return hn::LoadU(Tag(), from); }
  HWY_INLINE void store(Floats v, float* to) const { hn::StoreU(v, Tag(), to); }
};
struct Part {
  std::int64_t count;
  HWY_INLINE Floats load(const float* from) const { return load_part(from, count); }
  HWY_INLINE void store(Floats v, float* to) const { store_part(v, to, count); }
};

/// Calls body(access, offset) for the vectors of [0, size).
template <class Body>
HWY_INLINE void for_each_vector(std::int64_t size, const Body& body) {
  const std::int64_t lanes = num_lanes();
  std::int64_t i = 0;
  for (; i + lanes <= size; i += lanes) body(Whole(), i);
  if (i < size) body(Part{size - i}, i);
}

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#endif
