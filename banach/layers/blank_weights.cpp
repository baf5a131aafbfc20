#include <banach/core/errors.hpp>
#include <banach/core/memory.hpp>
#include <banach/layers/blank_weights.hpp>

#include <fmt/format.h>

namespace banach {
namespace {

BlankWeights*& current_blank() {
  thread_local BlankWeights* current = nullptr;
  return current;
}

}  // namespace

BlankWeights::BlankWeights(std::uint64_t max_bytes)
    : max_bytes_(max_bytes), left_(max_bytes), previous_(current_blank()) {
  current_blank() = this;
}

BlankWeights::~BlankWeights() { current_blank() = previous_; }

BlankWeights* BlankWeights::current() { return current_blank(); }

Array BlankWeights::make(const std::string& name, const Shape& shape, DType dtype) {
  std::uint64_t bytes = size_of(dtype);
  bool fits = true;
  for (const std::int64_t dim : shape) {
    const auto size = static_cast<std::uint64_t>(dim);
    fits = fits && (size == 0 || bytes <= left_ / size);
    bytes = fits ? bytes * size : 0;
  }
  if (!fits || bytes > left_) {
    throw InvalidArgument(fmt::format(
        "[{}] expected weights of at most {}, which is what the file holds; the config asks for a "
        "shape {} and so for more",
        name, bytes_text(max_bytes_), shape.str()));
  }
  left_ -= bytes;
  return Array(shape, dtype);
}

}  // namespace banach
