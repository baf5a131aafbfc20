#pragma once

#include <cstdint>
#include <string_view>

namespace banach::cpu {

/// Which side of a binary function repeats: none; one number; or the numbers of one row, for every
/// row of the other side, a (rows, columns) matrix.
enum class Repeat { none, left_number, right_number, left_row, right_row };

/// c = f(a, b) for one of functions::Binary, serially, for elements [begin, end) of c, or for its
/// rows [begin, end) where a row repeats. c may be a side that does not repeat.
using BinaryRange = void (*)(float* c, const float* a, const float* b, std::int64_t begin,
                             std::int64_t end, std::int64_t columns);

/// Null for an unknown name.
BinaryRange find_binary(std::string_view name, Repeat repeat);

}  // namespace banach::cpu
