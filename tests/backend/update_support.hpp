#pragma once

// What the tests of products that update a weight share.

#include <banach/backend/cpu/update.hpp>

#include <array>
#include <tests/backend/kernel_support.hpp>

namespace banach::testing {

/// A weight with Adam's slots, updated with the product as its gradient.
struct Weight {
  explicit Weight(std::int64_t size)
      : w(normal_floats(size, 5)), m(normal_floats(size, 6)), v(normal_floats(size, 7)) {
    for (float& x : v) x *= x;
  }
  cpu::UpdateSegment segment(const float* g) {
    const std::array<float*, 4> to{w.data(), m.data(), v.data()};
    return {to, {to[0], to[1], to[2]}, g, static_cast<std::int64_t>(w.size())};
  }
  bool operator==(const Weight&) const = default;

  Floats w, m, v;
};

inline constexpr cpu::UpdateArguments kAdam{{0.1f, 0.001f, 3e-3f, 1e-7f}};

}  // namespace banach::testing
