#include <banach/core/converted.hpp>
#include <banach/core/dtype.hpp>
#include <banach/core/errors.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <type_traits>

namespace banach {
namespace {

struct Row {
  DType dtype;
  std::string_view name;
  std::size_t size;
};

constexpr std::array<Row, 8> kRows{{{float32, "float32", 4},
                                    {float64, "float64", 8},
                                    {int32, "int32", 4},
                                    {int64, "int64", 8},
                                    {uint8, "uint8", 1},
                                    {boolean, "bool", 1},
                                    {bfloat16, "bfloat16", 2},
                                    {float16, "float16", 2}}};

}  // namespace

std::size_t size_of(DType dtype) { return kRows[static_cast<std::size_t>(dtype)].size; }

std::string_view name_of(DType dtype) { return kRows[static_cast<std::size_t>(dtype)].name; }

DType dtype_from_name(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.dtype;
  }
  throw InvalidArgument(fmt::format(
      "unknown dtype '{}': expected float32, float64, float16, bfloat16, int32, int64, uint8 or "
      "bool",
      name));
}

void convert_elements(void* to, DType to_dtype, const void* from, DType from_dtype,
                      std::int64_t count) {
  if (to_dtype == from_dtype) {
    if (count > 0) std::memcpy(to, from, static_cast<std::size_t>(count) * size_of(to_dtype));
    return;
  }
  visit_dtype(from_dtype, [&]<class From>() {
    visit_dtype(to_dtype, [&]<class To>() {
      const auto* first = static_cast<const From*>(from);
      std::transform(first, first + count, static_cast<To*>(to), converted<To, From>);
    });
  });
}

}  // namespace banach
