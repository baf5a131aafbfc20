#pragma once

// The scalar functions behind the elementwise ops: one struct holds a function and its slope, and
// every kernel (reference, SIMD tails, GPU) uses it.

#include <banach/core/host_device.hpp>

#include <cmath>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace banach::functions {

/// Two numbers that some functions take; their meaning is in the function's comment.
struct Parameters {
  double alpha = 0;
  double scale = 0;
  bool operator==(const Parameters&) const = default;
};

// A function has: kName; kFromOutput, whether slope() takes the output y instead of the input x;
// forward(x, a, s) and slope(x or y, a, s), with a and s the parameters in the type of x.

struct Relu {  // max(x, 0); slope 0 at 0
  static constexpr std::string_view kName = "relu";
  static constexpr bool kFromOutput = true;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return x > 0 ? x : (x == x ? T(0) : x);
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T y, T, T) {
    return y > 0 ? T(1) : T(0);
  }
};

struct Relu6 {  // min(max(x, 0), 6); as TensorFlow, the slope at 0 and at 6 is 0
  static constexpr std::string_view kName = "relu6";
  static constexpr bool kFromOutput = true;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return x > 0 ? (x < 6 ? x : T(6)) : (x == x ? T(0) : x);
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T y, T, T) {
    return y > 0 && y < 6 ? T(1) : T(0);
  }
};

struct LeakyRelu {  // x >= 0 ? x : alpha x, alpha >= 0
  static constexpr std::string_view kName = "leaky_relu";
  static constexpr bool kFromOutput = false;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T alpha, T) {
    return x >= 0 ? x : alpha * x;
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T x, T alpha, T) {
    return x > 0 ? T(1) : alpha;
  }
};

struct Elu {  // x > 0 ? x : alpha (e^x - 1); as Keras, the slope at 0 is alpha
  static constexpr std::string_view kName = "elu";
  static constexpr bool kFromOutput = true;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T alpha, T) {
    return x > 0 ? x : alpha * std::expm1(x);
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T y, T alpha, T) {
    return y > 0 ? T(1) : y + alpha;
  }
};

struct Selu {  // scale * elu(x); as TensorFlow, the slope at 0 is that of the right side
  static constexpr std::string_view kName = "selu";
  static constexpr bool kFromOutput = true;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T alpha, T scale) {
    return x > 0 ? scale * x : scale * alpha * std::expm1(x);
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T y, T alpha, T scale) {
    return y < 0 ? y + scale * alpha : scale;
  }
};

struct Sigmoid {
  static constexpr std::string_view kName = "sigmoid";
  static constexpr bool kFromOutput = true;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return 1 / (1 + std::exp(-x));
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T y, T, T) {
    return y * (1 - y);
  }
};

struct Tanh {
  static constexpr std::string_view kName = "tanh";
  static constexpr bool kFromOutput = true;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return std::tanh(x);
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T y, T, T) {
    return 1 - y * y;
  }
};

struct Exponential {
  static constexpr std::string_view kName = "exponential";
  static constexpr bool kFromOutput = true;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return std::exp(x);
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T y, T, T) {
    return y;
  }
};

struct Softplus {  // log(1 + e^x)
  static constexpr std::string_view kName = "softplus";
  static constexpr bool kFromOutput = false;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return (x > 0 ? x : T(0)) + std::log1p(std::exp(-std::abs(x)));
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T x, T, T) {
    return 1 / (1 + std::exp(-x));
  }
};

struct Softsign {  // x / (1 + |x|)
  static constexpr std::string_view kName = "softsign";
  static constexpr bool kFromOutput = false;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return x / (1 + std::abs(x));
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T x, T, T) {
    const T d = 1 + std::abs(x);
    return 1 / (d * d);
  }
};

struct Gelu {  // x Phi(x), exact
  static constexpr std::string_view kName = "gelu";
  static constexpr bool kFromOutput = false;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return T(0.5) * x * (1 + std::erf(x * T(0.70710678118654752440)));
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T x, T, T) {
    const T density = T(0.39894228040143267794) * std::exp(T(-0.5) * x * x);
    return T(0.5) * (1 + std::erf(x * T(0.70710678118654752440))) + x * density;
  }
};

struct GeluTanh {  // 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
  static constexpr std::string_view kName = "gelu_tanh";
  static constexpr bool kFromOutput = false;
  template <class T>
  BANACH_HOST_DEVICE static T inner(T x) {
    return T(0.79788456080286535588) * (x + T(0.044715) * x * x * x);
  }
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return T(0.5) * x * (1 + std::tanh(inner(x)));
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T x, T, T) {
    const T t = std::tanh(inner(x));
    const T inner_slope = T(0.79788456080286535588) * (1 + T(0.134145) * x * x);
    return T(0.5) * (1 + t) + T(0.5) * x * (1 - t * t) * inner_slope;
  }
};

struct Silu {  // x sigmoid(x)
  static constexpr std::string_view kName = "silu";
  static constexpr bool kFromOutput = false;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return x / (1 + std::exp(-x));
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T x, T, T) {
    const T s = 1 / (1 + std::exp(-x));
    return s * (1 + x * (1 - s));
  }
};

struct Negative {
  static constexpr std::string_view kName = "negative";
  static constexpr bool kFromOutput = true;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return -x;
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T, T, T) {
    return T(-1);
  }
};

struct Absolute {
  static constexpr std::string_view kName = "absolute";
  static constexpr bool kFromOutput = false;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return std::abs(x);
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T x, T, T) {
    return x > 0 ? T(1) : (x < 0 ? T(-1) : T(0));
  }
};

struct Square {
  static constexpr std::string_view kName = "square";
  static constexpr bool kFromOutput = false;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return x * x;
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T x, T, T) {
    return 2 * x;
  }
};

struct Sqrt {
  static constexpr std::string_view kName = "sqrt";
  static constexpr bool kFromOutput = true;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return std::sqrt(x);
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T y, T, T) {
    return T(0.5) / y;
  }
};

struct Rsqrt {  // 1 / sqrt(x)
  static constexpr std::string_view kName = "rsqrt";
  static constexpr bool kFromOutput = true;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return 1 / std::sqrt(x);
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T y, T, T) {
    return T(-0.5) * y * y * y;
  }
};

struct Log {
  static constexpr std::string_view kName = "log";
  static constexpr bool kFromOutput = false;
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return std::log(x);
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T x, T, T) {
    return 1 / x;
  }
};

/// Every elementwise function of one argument; a new one is a struct above and an entry here.
using Unary =
    std::tuple<Relu, Relu6, LeakyRelu, Elu, Selu, Sigmoid, Tanh, Exponential, Softplus, Softsign,
               Gelu, GeluTanh, Silu, Negative, Absolute, Square, Sqrt, Rsqrt, Log>;

struct Add {
  static constexpr std::string_view kName = "add";
  template <class T>
  BANACH_HOST_DEVICE static T forward(T a, T b) {
    return a + b;
  }
};
struct Subtract {
  static constexpr std::string_view kName = "subtract";
  template <class T>
  BANACH_HOST_DEVICE static T forward(T a, T b) {
    return a - b;
  }
};
struct Multiply {
  static constexpr std::string_view kName = "multiply";
  template <class T>
  BANACH_HOST_DEVICE static T forward(T a, T b) {
    return a * b;
  }
};
struct Divide {
  static constexpr std::string_view kName = "divide";
  template <class T>
  BANACH_HOST_DEVICE static T forward(T a, T b) {
    return a / b;
  }
};
struct Maximum {
  static constexpr std::string_view kName = "maximum";
  template <class T>
  BANACH_HOST_DEVICE static T forward(T a, T b) {
    return a >= b || a != a ? a : b;
  }
};
struct Minimum {
  static constexpr std::string_view kName = "minimum";
  template <class T>
  BANACH_HOST_DEVICE static T forward(T a, T b) {
    return a <= b || a != a ? a : b;
  }
};
struct Power {  // a^b, a > 0 or b a whole number
  static constexpr std::string_view kName = "power";
  template <class T>
  BANACH_HOST_DEVICE static T forward(T a, T b) {
    return std::pow(a, b);
  }
};
struct Equal {  // comparisons give 1 or 0 in the type of their arguments
  static constexpr std::string_view kName = "equal";
  template <class T>
  BANACH_HOST_DEVICE static T forward(T a, T b) {
    return a == b ? T(1) : T(0);
  }
};
struct Greater {
  static constexpr std::string_view kName = "greater";
  template <class T>
  BANACH_HOST_DEVICE static T forward(T a, T b) {
    return a > b ? T(1) : T(0);
  }
};
struct GreaterEqual {
  static constexpr std::string_view kName = "greater_equal";
  template <class T>
  BANACH_HOST_DEVICE static T forward(T a, T b) {
    return a >= b ? T(1) : T(0);
  }
};

/// Every elementwise function of two arguments.
using Binary = std::tuple<Add, Subtract, Multiply, Divide, Maximum, Minimum, Power, Equal, Greater,
                          GreaterEqual>;

/// Calls `f.template operator()<Function>()` for every function of a list.
template <class List, class F>
void for_each(F&& f) {
  [&]<class... Fs>(std::type_identity<std::tuple<Fs...>>) {
    (f.template operator()<Fs>(), ...);
  }(std::type_identity<List>());
}

/// for_each restricted to the function of this name; false when there is none.
template <class List, class F>
bool with_name(std::string_view name, F&& f) {
  bool found = false;
  for_each<List>([&]<class Function>() {
    if (!found && Function::kName == name) {
      found = true;
      f.template operator()<Function>();
    }
  });
  return found;
}

}  // namespace banach::functions
