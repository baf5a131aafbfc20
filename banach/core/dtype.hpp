#pragma once

#include <banach/core/bfloat16.hpp>
#include <banach/core/float16.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace banach {

/// Element types, named as in NumPy and Keras.
enum class DType : std::uint8_t {
  float32,
  float64,
  int32,
  int64,
  uint8,
  boolean,
  bfloat16,
  float16
};
using enum DType;

std::size_t size_of(DType dtype);              ///< bytes of one element
std::string_view name_of(DType dtype);         ///< "float32", ..., "bool"
DType dtype_from_name(std::string_view name);  ///< InvalidArgument for an unknown name
/// `count` elements of one type as those of another, as static_cast does it, but for floating-point
/// numbers that an integer cannot hold: they become the nearest that it can, NaN becomes 0.
void convert_elements(void* to, DType to_dtype, const void* from, DType from_dtype,
                      std::int64_t count);
/// Whether it is float16 or bfloat16, which are stored in two bytes and calculated with in float32.
inline bool is_half(DType dtype) { return dtype == float16 || dtype == bfloat16; }
inline DType widened(DType dtype) { return is_half(dtype) ? float32 : dtype; }
inline bool is_floating(DType dtype) {
  return dtype == float32 || dtype == float64 || is_half(dtype);
}

template <class T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
  static constexpr DType value = float32;
};
template <>
struct DTypeOf<double> {
  static constexpr DType value = float64;
};
template <>
struct DTypeOf<std::int32_t> {
  static constexpr DType value = int32;
};
template <>
struct DTypeOf<std::int64_t> {
  static constexpr DType value = int64;
};
template <>
struct DTypeOf<std::uint8_t> {
  static constexpr DType value = uint8;
};
template <>
struct DTypeOf<bool> {
  static constexpr DType value = boolean;
};
template <>
struct DTypeOf<BFloat16> {
  static constexpr DType value = bfloat16;
};
template <>
struct DTypeOf<Float16> {
  static constexpr DType value = float16;
};
template <class T>
inline constexpr DType dtype_of = DTypeOf<T>::value;

/// Calls `f.template operator()<T>()` with the C++ type of `dtype`.
template <class F>
decltype(auto) visit_dtype(DType dtype, F&& f) {
  switch (dtype) {
    case float64: return f.template operator()<double>();
    case int32: return f.template operator()<std::int32_t>();
    case int64: return f.template operator()<std::int64_t>();
    case uint8: return f.template operator()<std::uint8_t>();
    case boolean: return f.template operator()<bool>();
    case bfloat16: return f.template operator()<BFloat16>();
    case float16: return f.template operator()<Float16>();
    case float32: break;
  }
  return f.template operator()<float>();
}

}  // namespace banach
