// The functions of ops/functions.hpp on vectors. exp and its kin follow the method of
// hwy/contrib/math with what a kernel needs besides: NaN stays NaN, infinities saturate.

#if defined(BANACH_BACKEND_CPU_FUNCTIONS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef BANACH_BACKEND_CPU_FUNCTIONS_INL_HPP_
#undef BANACH_BACKEND_CPU_FUNCTIONS_INL_HPP_
#else
#define BANACH_BACKEND_CPU_FUNCTIONS_INL_HPP_
#endif

#include <banach/backend/cpu/simd-inl.hpp>
#include <banach/ops/functions.hpp>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {

HWY_INLINE Floats all(float value) { return hn::Set(Tag(), value); }

// Limits that keep NaN, which Min and Max do not on every machine.
HWY_INLINE Floats at_least(float low, Floats x) {
  return hn::IfThenElse(hn::Lt(x, all(low)), all(low), x);
}
HWY_INLINE Floats at_most(float high, Floats x) {
  return hn::IfThenElse(hn::Gt(x, all(high)), all(high), x);
}

/// x = q ln 2 + r with |r| <= ln(2) / 2: returns e^r - 1, and in the low bits of `biased_q` q.
HWY_INLINE Floats reduced_expm1(Floats x, Floats& biased_q) {
  const Floats magic = all(12582912.0f);  // 1.5 2^23: adding it rounds to a whole number
  biased_q = hn::MulAdd(x, all(1.44269504088896341f), magic);
  const Floats q = hn::Sub(biased_q, magic);
  Floats r = hn::NegMulAdd(q, all(0.693145751953125f), x);
  r = hn::NegMulAdd(q, all(1.428606765330187045e-6f), r);
  return hwy::HWY_NAMESPACE::impl::ExpImpl<float>().ExpPoly(Tag(), r);
}

/// 2^(q + shift), where that is a normal number.
HWY_INLINE Floats power_of_two(Floats biased_q, std::int32_t shift) {
  const hn::RebindToSigned<Tag> d;
  const auto exponent = hn::Add(hn::BitCast(d, biased_q), hn::Set(d, 127 + shift));
  return hn::BitCast(Tag(), hn::ShiftLeft<23>(exponent));
}

/// e^x, 0 below e^-86.9 (the smallest normal numbers).
HWY_INLINE Floats exponential(Floats x) {
  Floats biased_q;
  const Floats p = reduced_expm1(at_most(89, at_least(-86.9f, x)), biased_q);
  const Floats half = power_of_two(biased_q, -1);  // 2^128 would not be a float
  const Floats y = hn::MulAdd(p, half, half);
  return hn::IfThenZeroElse(hn::Lt(x, all(-86.9f)), hn::Add(y, y));
}

/// e^x - 1 for x <= 0, accurate near 0 too; no use for x > 0.
HWY_INLINE Floats expm1_of_nonpositive(Floats x) {
  Floats biased_q;
  const Floats p = reduced_expm1(at_least(-20, x), biased_q);
  const Floats scale = power_of_two(biased_q, 0);
  return hn::MulAdd(p, scale, hn::Sub(scale, all(1)));
}

HWY_INLINE Floats logistic(Floats x) {
  return hn::Div(all(1), hn::Add(all(1), exponential(hn::Neg(x))));
}

HWY_INLINE Floats hyperbolic_tangent(Floats x) {
  const Floats e = expm1_of_nonpositive(hn::Mul(hn::Abs(x), all(-2)));
  return hn::CopySign(hn::Div(e, hn::Add(e, all(2))), x);
}

/// f of every lane, for a function that has no vector form.
template <class F>
HWY_INLINE Floats by_lane(const F& f, Floats x) {
  HWY_ALIGN float lanes[16];
  hn::Store(x, Tag(), lanes);
  for (std::int64_t i = 0; i < num_lanes(); ++i) lanes[i] = f(lanes[i]);
  return hn::Load(Tag(), lanes);
}
template <class F>
HWY_INLINE Floats by_lane(const F& f, Floats a, Floats b) {
  HWY_ALIGN float lanes[16], others[16];
  hn::Store(a, Tag(), lanes);
  hn::Store(b, Tag(), others);
  for (std::int64_t i = 0; i < num_lanes(); ++i) lanes[i] = f(lanes[i], others[i]);
  return hn::Load(Tag(), lanes);
}

/// The vector form of a functions::X: forward(x, alpha, scale) and slope(x or y, alpha, scale).
/// One that has none of its own is computed lane by lane.
template <class Function>
struct Vectorized {
  static HWY_INLINE Floats forward(Floats x, float alpha, float scale) {
    return by_lane([=](float lane) { return Function::forward(lane, alpha, scale); }, x);
  }
  static HWY_INLINE Floats slope(Floats x, float alpha, float scale) {
    return by_lane([=](float lane) { return Function::slope(lane, alpha, scale); }, x);
  }
};

template <>
struct Vectorized<functions::Relu> {
  static HWY_INLINE Floats forward(Floats x, float, float) { return at_least(0, x); }
  static HWY_INLINE Floats slope(Floats y, float, float) {
    return hn::IfThenElseZero(hn::Gt(y, all(0)), all(1));
  }
};

template <>
struct Vectorized<functions::LeakyRelu> {
  static HWY_INLINE Floats forward(Floats x, float alpha, float) {
    return hn::IfThenElse(hn::Ge(x, all(0)), x, hn::Mul(all(alpha), x));
  }
  static HWY_INLINE Floats slope(Floats x, float alpha, float) {
    return hn::IfThenElse(hn::Gt(x, all(0)), all(1), all(alpha));
  }
};

template <>
struct Vectorized<functions::Elu> {
  static HWY_INLINE Floats forward(Floats x, float alpha, float) {
    const Floats negative = hn::Mul(all(alpha), expm1_of_nonpositive(x));
    return hn::IfThenElse(hn::Gt(x, all(0)), x, negative);
  }
  static HWY_INLINE Floats slope(Floats y, float alpha, float) {
    return hn::IfThenElse(hn::Lt(y, all(0)), hn::Add(y, all(alpha)), all(1));
  }
};

template <>
struct Vectorized<functions::Selu> {
  static HWY_INLINE Floats forward(Floats x, float alpha, float scale) {
    const Floats negative = hn::Mul(all(scale * alpha), expm1_of_nonpositive(x));
    return hn::IfThenElse(hn::Gt(x, all(0)), hn::Mul(all(scale), x), negative);
  }
  static HWY_INLINE Floats slope(Floats y, float alpha, float scale) {
    return hn::IfThenElse(hn::Lt(y, all(0)), hn::Add(y, all(scale * alpha)), all(scale));
  }
};

template <>
struct Vectorized<functions::Sigmoid> {
  static HWY_INLINE Floats forward(Floats x, float, float) { return logistic(x); }
  static HWY_INLINE Floats slope(Floats y, float, float) {
    return hn::Mul(y, hn::Sub(all(1), y));
  }
};

template <>
struct Vectorized<functions::Tanh> {
  static HWY_INLINE Floats forward(Floats x, float, float) { return hyperbolic_tangent(x); }
  static HWY_INLINE Floats slope(Floats y, float, float) { return hn::NegMulAdd(y, y, all(1)); }
};

template <>
struct Vectorized<functions::Exponential> {
  static HWY_INLINE Floats forward(Floats x, float, float) { return exponential(x); }
  static HWY_INLINE Floats slope(Floats y, float, float) { return y; }
};

template <>
struct Vectorized<functions::Softplus> {
  static HWY_INLINE Floats forward(Floats x, float, float) {
    const Floats small = exponential(hn::Neg(hn::Abs(x)));
    return hn::Add(at_least(0, x), hwy::HWY_NAMESPACE::Log1p(Tag(), small));
  }
  static HWY_INLINE Floats slope(Floats x, float, float) { return logistic(x); }
};

template <>
struct Vectorized<functions::Softsign> {
  static HWY_INLINE Floats forward(Floats x, float, float) {
    return hn::Div(x, hn::Add(all(1), hn::Abs(x)));
  }
  static HWY_INLINE Floats slope(Floats x, float, float) {
    const Floats inverse = hn::Div(all(1), hn::Add(all(1), hn::Abs(x)));
    return hn::Mul(inverse, inverse);
  }
};

template <>
struct Vectorized<functions::GeluTanh> {  // as x sigmoid(2 inner), which loses nothing at x < 0
  static HWY_INLINE Floats twice_inner(Floats x) {
    return hn::Mul(all(1.59576912160573071176f),
                   hn::MulAdd(hn::Mul(all(0.044715f), hn::Mul(x, x)), x, x));
  }
  static HWY_INLINE Floats forward(Floats x, float, float) {
    x = at_least(-20, x);
    return hn::Mul(x, logistic(twice_inner(x)));
  }
  static HWY_INLINE Floats slope(Floats x, float, float) {
    x = at_most(20, at_least(-20, x));
    const Floats u = twice_inner(x), s = logistic(u), one_minus_s = logistic(hn::Neg(u));
    const Floats du = hn::Mul(all(1.59576912160573071176f),
                              hn::MulAdd(hn::Mul(all(0.134145f), x), x, all(1)));
    return hn::MulAdd(hn::Mul(x, du), hn::Mul(s, one_minus_s), s);
  }
};

template <>
struct Vectorized<functions::Silu> {
  static HWY_INLINE Floats forward(Floats x, float, float) {
    x = at_least(-100, x);  // 0 there, and no infinity by infinity
    return hn::Div(x, hn::Add(all(1), exponential(hn::Neg(x))));
  }
  static HWY_INLINE Floats slope(Floats x, float, float) {
    x = at_most(100, at_least(-100, x));
    const Floats s = logistic(x);
    return hn::Mul(s, hn::MulAdd(x, hn::Sub(all(1), s), all(1)));
  }
};

template <>
struct Vectorized<functions::Negative> {
  static HWY_INLINE Floats forward(Floats x, float, float) { return hn::Neg(x); }
  static HWY_INLINE Floats slope(Floats, float, float) { return all(-1); }
};

template <>
struct Vectorized<functions::Absolute> {
  static HWY_INLINE Floats forward(Floats x, float, float) { return hn::Abs(x); }
  static HWY_INLINE Floats slope(Floats x, float, float) {
    const Floats negative = hn::IfThenElseZero(hn::Lt(x, all(0)), all(-1));
    return hn::IfThenElse(hn::Gt(x, all(0)), all(1), negative);
  }
};

template <>
struct Vectorized<functions::Square> {
  static HWY_INLINE Floats forward(Floats x, float, float) { return hn::Mul(x, x); }
  static HWY_INLINE Floats slope(Floats x, float, float) { return hn::Add(x, x); }
};

template <>
struct Vectorized<functions::Sqrt> {
  static HWY_INLINE Floats forward(Floats x, float, float) { return hn::Sqrt(x); }
  static HWY_INLINE Floats slope(Floats y, float, float) { return hn::Div(all(0.5f), y); }
};

template <>
struct Vectorized<functions::Rsqrt> {
  static HWY_INLINE Floats forward(Floats x, float, float) {
    return hn::Div(all(1), hn::Sqrt(x));
  }
  static HWY_INLINE Floats slope(Floats y, float, float) {
    return hn::Mul(hn::Mul(all(-0.5f), y), hn::Mul(y, y));
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#endif
