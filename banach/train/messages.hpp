#pragma once

#include <string>
#include <string_view>

namespace banach {

/// A line on standard output, at once; what callbacks say when they are verbose
/// (keras/src/utils/io_utils.py: print_msg).
void print_message(std::string_view message);

/// The number as Python writes it: the shortest digits that read back the same, "1.0", "1e-05",
/// "nan", "inf".
std::string python_repr(double value);

}  // namespace banach
