#pragma once

#include <cstdint>
#include <span>

namespace banach::cpu {

/// One variable of an update with its gradient and, where the rule has them, its slots, all
/// (size,). w, m and v are rewritten.
struct Segment {
  float* w;
  float* m;  // Adam's first moment, or SGD's velocity (null without momentum)
  float* v;  // Adam's second moment
  const float* g;
  std::int64_t size;
};

/// ops/update.hpp: m += (g - m) complement_1; v += (g^2 - v) complement_2;
/// w -= alpha m / (sqrt(v) + epsilon).
struct AdamArguments {
  float complement_1, complement_2;  // 1 - beta
  float epsilon;
  float alpha;  // rate sqrt(1 - beta_2^t) / (1 - beta_1^t)
};
void adam(std::span<const Segment> segments, const AdamArguments& arguments);

/// ops/update.hpp: m = momentum m - rate g; w += nesterov ? momentum m - rate g : m.
struct SgdArguments {
  float momentum;
  bool nesterov;
  float rate;
};
void sgd(std::span<const Segment> segments, const SgdArguments& arguments);

}  // namespace banach::cpu
