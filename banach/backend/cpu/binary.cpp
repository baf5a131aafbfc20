#include <banach/backend/cpu/binary.hpp>
#include <banach/core/simd_targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/binary.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/functions-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

using namespace functions;

HWY_INLINE Floats one_where(hn::Mask<Tag> mask) { return hn::IfThenElseZero(mask, all(1)); }

// The vector form of each function: an overload here.
HWY_INLINE Floats apply(Add, Floats a, Floats b) { return hn::Add(a, b); }
HWY_INLINE Floats apply(Subtract, Floats a, Floats b) { return hn::Sub(a, b); }
HWY_INLINE Floats apply(Multiply, Floats a, Floats b) { return hn::Mul(a, b); }
HWY_INLINE Floats apply(Divide, Floats a, Floats b) { return hn::Div(a, b); }
HWY_INLINE Floats apply(Maximum, Floats a, Floats b) {
  return hn::IfThenElse(hn::Or(hn::Ge(a, b), hn::IsNaN(a)), a, b);
}
HWY_INLINE Floats apply(Minimum, Floats a, Floats b) {
  return hn::IfThenElse(hn::Or(hn::Le(a, b), hn::IsNaN(a)), a, b);
}
HWY_INLINE Floats apply(Power, Floats a, Floats b) {
  return by_lane([](float x, float y) { return Power::forward(x, y); }, a, b);
}
HWY_INLINE Floats apply(Equal, Floats a, Floats b) { return one_where(hn::Eq(a, b)); }
HWY_INLINE Floats apply(Greater, Floats a, Floats b) { return one_where(hn::Gt(a, b)); }
HWY_INLINE Floats apply(GreaterEqual, Floats a, Floats b) { return one_where(hn::Ge(a, b)); }

template <class Function>
void pairs(float* c, const float* a, const float* b, std::int64_t begin, std::int64_t end,
           std::int64_t) {
  for_each_vector(end - begin, [=](auto access, std::int64_t offset) HWY_ATTR {
    const std::int64_t i = begin + offset;
    access.store(apply(Function(), access.load(a + i), access.load(b + i)), c + i);
  });
}

template <class Function>
void left_number(float* c, const float* a, const float* b, std::int64_t begin, std::int64_t end,
                 std::int64_t) {
  const Floats left = all(*a);
  for_each_vector(end - begin, [=](auto access, std::int64_t offset) HWY_ATTR {
    const std::int64_t i = begin + offset;
    access.store(apply(Function(), left, access.load(b + i)), c + i);
  });
}

template <class Function>
void right_number(float* c, const float* a, const float* b, std::int64_t begin, std::int64_t end,
                  std::int64_t) {
  const Floats right = all(*b);
  for_each_vector(end - begin, [=](auto access, std::int64_t offset) HWY_ATTR {
    const std::int64_t i = begin + offset;
    access.store(apply(Function(), access.load(a + i), right), c + i);
  });
}

template <class Function>
void left_row(float* c, const float* a, const float* b, std::int64_t begin, std::int64_t end,
              std::int64_t columns) {
  for (std::int64_t row = begin; row < end; ++row) {
    pairs<Function>(c + row * columns, a, b + row * columns, 0, columns, columns);
  }
}

template <class Function>
void right_row(float* c, const float* a, const float* b, std::int64_t begin, std::int64_t end,
               std::int64_t columns) {
  for (std::int64_t row = begin; row < end; ++row) {
    pairs<Function>(c + row * columns, a + row * columns, b, 0, columns, columns);
  }
}

template <class Function>
BinaryRange choose_repeat(Repeat repeat) {
  switch (repeat) {
    case Repeat::left_number: return left_number<Function>;
    case Repeat::right_number: return right_number<Function>;
    case Repeat::left_row: return left_row<Function>;
    case Repeat::right_row: return right_row<Function>;
    case Repeat::none: break;
  }
  return pairs<Function>;
}

BinaryRange choose_binary(std::string_view name, Repeat repeat) {
  BinaryRange found = nullptr;
  functions::with_name<functions::Binary>(
      name, [&]<class Function>() { found = choose_repeat<Function>(repeat); });
  return found;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(choose_binary);

BinaryRange find_binary(std::string_view name, Repeat repeat) {
  return HWY_DYNAMIC_DISPATCH(choose_binary)(name, repeat);
}

}  // namespace banach::cpu
#endif
