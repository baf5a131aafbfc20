#pragma once

// What kernels that apply an epilogue share.

#include <banach/backend/cuda/epilogue.hpp>
#include <banach/backend/cuda/launch.cuh>
#include <banach/core/bfloat16.hpp>
#include <banach/core/float16.hpp>
#include <banach/ops/dropout_bits.hpp>

namespace banach::cuda {

struct Linear {
  static constexpr std::string_view kName = "linear";
  template <class T>
  BANACH_HOST_DEVICE static T forward(T x, T, T) {
    return x;
  }
  template <class T>
  BANACH_HOST_DEVICE static T slope(T, T, T) {
    return T(1);
  }
};

/// Calls the body with the class behind an activation.
template <class Body>
void with_activation(std::string_view name, const Body& body) {
  if (name == Linear::kName) return body.template operator()<Linear>();
  functions::with_name<functions::Unary>(name, [&]<class F>() {
    if constexpr (F::kFromOutput) body.template operator()<F>();
  });
}

/// EpilogueArguments in the type C that is computed in.
template <class C>
struct Numbers {
  explicit Numbers(const EpilogueArguments& e)
      : alpha(static_cast<C>(e.parameters.alpha)),
        scale(static_cast<C>(e.parameters.scale)),
        a(static_cast<C>(e.a)),
        b(static_cast<C>(e.b)),
        c(static_cast<C>(e.c)),
        threshold(e.threshold),
        key(e.key),
        step(e.step) {}

  C alpha, scale, a, b, c;
  std::uint32_t threshold;
  std::uint64_t key;
  const std::int64_t* step;
};

}  // namespace banach::cuda
