#pragma once

// What the tables of several backends share.

#include <banach/backend/backend.hpp>

#include <initializer_list>
#include <span>
#include <vector>

namespace banach {

/// Tables one after another.
std::vector<KernelRow> join_rows(std::initializer_list<std::span<const KernelRow>> tables);

/// float32 or float64 throughout, but for what is not floating-point; the pass `lower` brings other
/// floating-point types there.
bool accepts_floating(const Node& node);
inline bool accepts_all(const Node&) { return true; }

}  // namespace banach
