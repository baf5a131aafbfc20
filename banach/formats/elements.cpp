#include <banach/core/errors.hpp>
#include <banach/formats/elements.hpp>

#include <fmt/format.h>

namespace banach::formats {

void check_element_bytes(const Shape& shape, DType dtype, std::size_t received,
                         const std::string& name) {
  auto expected = static_cast<std::int64_t>(size_of(dtype));
  bool overflow = false;
  for (std::int64_t dim : shape) overflow |= __builtin_mul_overflow(expected, dim, &expected);
  if (!overflow && static_cast<std::size_t>(expected) == received) return;
  throw Corruption(fmt::format("[{}] the header says {} of {}, {} bytes, and {} bytes follow it",
                               name, shape.str(), name_of(dtype),
                               overflow ? "more than 2^63" : std::to_string(expected), received));
}

}  // namespace banach::formats
