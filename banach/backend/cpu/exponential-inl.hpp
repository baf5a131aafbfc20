// e^x and its kin on vectors, by the method of hwy/contrib/math, with what kernels need besides:
// NaN stays NaN and infinities saturate.

#if defined(BANACH_BACKEND_CPU_EXPONENTIAL_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef BANACH_BACKEND_CPU_EXPONENTIAL_INL_HPP_
#undef BANACH_BACKEND_CPU_EXPONENTIAL_INL_HPP_
#else
#define BANACH_BACKEND_CPU_EXPONENTIAL_INL_HPP_
#endif

#include <banach/backend/cpu/simd-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {

// Limits that keep NaN, which Min and Max do not on every machine.
HWY_INLINE Floats at_least(float low, Floats x) {
  return hn::IfThenElse(hn::Lt(x, all(low)), all(low), x);
}
HWY_INLINE Floats at_most(float high, Floats x) {
  return hn::IfThenElse(hn::Gt(x, all(high)), all(high), x);
}

/// x = q ln 2 + r with |r| <= ln(2) / 2: returns e^r - 1, and in the low bits of `biased_q` q +
/// 127. The polynomial is that of hwy/contrib/math, by Horner's rule: one multiplication fewer.
HWY_INLINE Floats reduced_expm1(Floats x, Floats& biased_q) {
  const Floats magic = all(12582912.0f + 127);  // 1.5 2^23: adding it rounds to a whole number
  biased_q = hn::MulAdd(x, all(1.44269504088896341f), magic);
  const Floats q = hn::Sub(biased_q, magic);
  Floats r = hn::NegMulAdd(q, all(0.693145751953125f), x);
  r = hn::NegMulAdd(q, all(1.428606765330187045e-6f), r);
  Floats p = hn::MulAdd(all(0.000198527617612853646278381f), r, all(0.00139304355252534151077271f));
  p = hn::MulAdd(p, r, all(0.00833336077630519866943359f));
  p = hn::MulAdd(p, r, all(0.0416664853692054748535156f));
  p = hn::MulAdd(p, r, all(0.166666671633720397949219f));
  p = hn::MulAdd(p, r, all(0.5f));
  return hn::MulAdd(p, hn::Mul(r, r), r);
}

/// 2^q, where that is a normal number.
HWY_INLINE Floats power_of_two(Floats biased_q) {
  const hn::RebindToSigned<Tag> d;
  return hn::BitCast(Tag(), hn::ShiftLeft<23>(hn::BitCast(d, biased_q)));
}

/// e^x, 0 below e^-86.9 (the smallest normal numbers).
HWY_INLINE Floats exponential(Floats x) {
  Floats biased_q;
  const Floats p = reduced_expm1(at_most(89, at_least(-86.9f, x)), biased_q);
  const Floats half = power_of_two(hn::Sub(biased_q, all(1)));  // 2^128 would not be a float
  const Floats y = hn::MulAdd(p, half, half);
  return hn::IfThenZeroElse(hn::Lt(x, all(-86.9f)), hn::Add(y, y));
}

/// The same for x <= 0, in less time; no use for x > 0.
HWY_INLINE Floats exponential_of_nonpositive(Floats x) {
  Floats biased_q;
  const Floats p = reduced_expm1(x, biased_q);
  const Floats scale = power_of_two(biased_q);
  return hn::IfThenZeroElse(hn::Lt(x, all(-86.9f)), hn::MulAdd(p, scale, scale));
}

/// e^x - 1 for x <= 0, accurate near 0 too; no use for x > 0.
HWY_INLINE Floats expm1_of_nonpositive(Floats x) {
  Floats biased_q;
  const Floats p = reduced_expm1(at_least(-20, x), biased_q);
  const Floats scale = power_of_two(biased_q);
  return hn::MulAdd(p, scale, hn::Sub(scale, all(1)));
}

HWY_INLINE Floats logistic(Floats x) {
  return hn::Div(all(1), hn::Add(all(1), exponential(hn::Neg(x))));
}

HWY_INLINE Floats hyperbolic_tangent(Floats x) {
  const Floats e = expm1_of_nonpositive(hn::Mul(hn::Abs(x), all(-2)));
  return hn::CopySign(hn::Div(e, hn::Add(e, all(2))), x);
}

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#endif
