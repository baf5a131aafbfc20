#include <banach/backend/cpu/unary.hpp>
#include <banach/core/simd_targets.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "banach/backend/cpu/unary.cpp"
#include <hwy/foreach_target.h>

#include <banach/backend/cpu/functions-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {
namespace {

template <class Function>
void forward_range(float* y, const float* x, std::int64_t size, float alpha, float scale,
                   bool streamed) {
  for_each_vector(size, streamed, [=](auto access, std::int64_t i) HWY_ATTR {
    access.store(Vectorized<Function>::forward(access.load(x + i), alpha, scale), y + i);
  });
  flush(streamed);
}

template <class Function>
void grad_range(float* dx, const float* dy, const float* known, std::int64_t size, float alpha,
                float scale, bool streamed) {
  for_each_vector(size, streamed, [=](auto access, std::int64_t i) HWY_ATTR {
    const Floats slope = Vectorized<Function>::slope(access.load(known + i), alpha, scale);
    access.store(hn::Mul(access.load(dy + i), slope), dx + i);
  });
  flush(streamed);
}

UnaryRange choose_forward(std::string_view name) {
  UnaryRange found = nullptr;
  functions::with_name<functions::Unary>(
      name, [&]<class Function>() { found = forward_range<Function>; });
  return found;
}

UnaryGradRange choose_grad(std::string_view name) {
  UnaryGradRange found = nullptr;
  functions::with_name<functions::Unary>(name,
                                         [&]<class Function>() { found = grad_range<Function>; });
  return found;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace banach::cpu {

HWY_EXPORT(choose_forward);
HWY_EXPORT(choose_grad);

UnaryRange find_unary(std::string_view name) { return HWY_DYNAMIC_DISPATCH(choose_forward)(name); }

UnaryGradRange find_unary_grad(std::string_view name) {
  return HWY_DYNAMIC_DISPATCH(choose_grad)(name);
}

}  // namespace banach::cpu
#endif
