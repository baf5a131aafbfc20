// The functions of ops/functions.hpp on vectors: NaN stays NaN, infinities saturate.

#if defined(BANACH_BACKEND_CPU_FUNCTIONS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef BANACH_BACKEND_CPU_FUNCTIONS_INL_HPP_
#undef BANACH_BACKEND_CPU_FUNCTIONS_INL_HPP_
#else
#define BANACH_BACKEND_CPU_FUNCTIONS_INL_HPP_
#endif

#include <banach/backend/cpu/exponential-inl.hpp>
#include <banach/ops/functions.hpp>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace banach::cpu {
namespace HWY_NAMESPACE {

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
/// One that has none here is computed lane by lane.
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
struct Vectorized<functions::Relu6> {
  static HWY_INLINE Floats forward(Floats x, float, float) { return at_most(6, at_least(0, x)); }
  static HWY_INLINE Floats slope(Floats y, float, float) {
    return hn::IfThenElseZero(hn::And(hn::Gt(y, all(0)), hn::Lt(y, all(6))), all(1));
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
    return hn::IfThenElse(hn::Gt(y, all(0)), all(1), hn::Add(y, all(alpha)));
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
  static HWY_INLINE Floats slope(Floats y, float, float) { return hn::Mul(y, hn::Sub(all(1), y)); }
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
struct Vectorized<functions::Gelu> {
  /// 1 - Phi(|x|) from `density` = e^(-x^2 / 2), within 8e-8: Abramowitz & Stegun 7.1.26.
  static HWY_INLINE Floats upper_tail(Floats x, Floats density) {
    const Floats z = hn::Mul(hn::Abs(x), all(0.70710678118654752440f));
    const Floats t = hn::Div(all(1), hn::MulAdd(all(0.3275911f), z, all(1)));
    Floats polynomial = hn::MulAdd(all(1.061405429f), t, all(-1.453152027f));
    polynomial = hn::MulAdd(polynomial, t, all(1.421413741f));
    polynomial = hn::MulAdd(polynomial, t, all(-0.284496736f));
    polynomial = hn::MulAdd(polynomial, t, all(0.254829592f));
    return hn::Mul(hn::Mul(all(0.5f), density), hn::Mul(polynomial, t));
  }
  static HWY_INLINE Floats phi(Floats x, Floats density) {
    const Floats tail = upper_tail(x, density);
    return hn::IfThenElse(hn::Lt(x, all(0)), tail, hn::Sub(all(1), tail));
  }
  static HWY_INLINE Floats density(Floats x) {
    return exponential(hn::Mul(hn::Mul(all(-0.5f), x), x));
  }
  static HWY_INLINE Floats forward(Floats x, float, float) {
    x = at_least(-20, x);
    return hn::Mul(x, phi(x, density(x)));
  }
  static HWY_INLINE Floats slope(Floats x, float, float) {
    x = at_most(20, at_least(-20, x));
    const Floats e = density(x);
    return hn::MulAdd(hn::Mul(all(0.39894228040143267794f), x), e, phi(x, e));
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
    const Floats du =
        hn::Mul(all(1.59576912160573071176f), hn::MulAdd(hn::Mul(all(0.134145f), x), x, all(1)));
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
  static HWY_INLINE Floats forward(Floats x, float, float) { return hn::Div(all(1), hn::Sqrt(x)); }
  static HWY_INLINE Floats slope(Floats y, float, float) {
    return hn::Mul(hn::Mul(all(-0.5f), y), hn::Mul(y, y));
  }
};

template <>
struct Vectorized<functions::Log> {
  static HWY_INLINE Floats forward(Floats x, float, float) {
    const Floats infinity = hn::Inf(Tag()), zero = hn::Zero(Tag());
    Floats y = hwy::HWY_NAMESPACE::Log(Tag(), x);
    y = hn::IfThenElse(hn::Eq(x, infinity), infinity, y);
    y = hn::IfThenElse(hn::Eq(x, zero), hn::Neg(infinity), y);
    return hn::IfThenElse(hn::Or(hn::Lt(x, zero), hn::IsNaN(x)), hn::NaN(Tag()), y);
  }
  static HWY_INLINE Floats slope(Floats x, float, float) { return hn::Div(all(1), x); }
};

}  // namespace HWY_NAMESPACE
}  // namespace banach::cpu
HWY_AFTER_NAMESPACE();

#endif
