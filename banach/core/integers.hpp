#pragma once

namespace banach {

/// a / b rounded up; a >= 0, b > 0.
template <class A, class B>
constexpr auto ceil_div(A a, B b) {
  return (a + b - 1) / b;
}

/// The smallest multiple of `unit` that is not below n >= 0.
template <class A, class B>
constexpr auto round_up(A n, B unit) {
  return ceil_div(n, unit) * unit;
}

}  // namespace banach
