#pragma once

#include <banach/core/dtype.hpp>
#include <banach/core/shape.hpp>

#include <cstddef>
#include <string>

namespace banach::formats {

/// Corruption when the elements that a header announces are not exactly the `received` bytes that
/// follow it. Comes before the first allocation, so that a lying header costs nothing.
void check_element_bytes(const Shape& shape, DType dtype, std::size_t received,
                         const std::string& name);

}  // namespace banach::formats
