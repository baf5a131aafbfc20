#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace banach::cpu {

/// One weight of an update, or a part of it, with its gradient, all (size,). `from` and `to`, which
/// may be the same memory, are the weight, then the slots that the rule has.
struct UpdateSegment {
  std::array<float*, 4> to;
  std::array<const float*, 4> from;
  const float* g;
  std::int64_t size;

  /// Elements [begin, end).
  UpdateSegment part(std::int64_t begin, std::int64_t end) const {
    UpdateSegment s = *this;
    const auto advance = [begin](auto*& p) { p = p == nullptr ? nullptr : p + begin; };
    for (auto& p : s.to) advance(p);
    for (auto& p : s.from) advance(p);
    advance(s.g);
    s.size = end - begin;
    return s;
  }
};

/// What a rule's formula takes (ops/update.hpp), the part of itself that each weight loses before,
/// and what gradients are multiplied with.
struct UpdateArguments {
  std::array<float, 8> numbers;
  float decay = 0, scale = 1;
};

/// ops/update_formulas-inl.hpp on vectors, for one part of a weight.
using UpdateRange = void (*)(const UpdateSegment& part, const UpdateArguments& arguments);
/// The kernel of the rule of this name, with weight decay or without.
UpdateRange find_update(std::string_view rule, bool decays);

/// Runs it in parallel over all segments laid end to end.
void update(UpdateRange range, std::span<const UpdateSegment> segments,
            const UpdateArguments& arguments);

}  // namespace banach::cpu
