#include <banach/core/errors.hpp>
#include <banach/layers/image.hpp>
#include <banach/layers/zero_padding2d.hpp>
#include <banach/ops/slice.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace banach::layers {
namespace {

std::pair<std::int64_t, std::int64_t> pair_of(const Size2& side) {
  return {side.height, side.width};
}

}  // namespace

ZeroPadding2D::ZeroPadding2D(Size2 padding, const ZeroPadding2DOptions& options)
    : ZeroPadding2D({{padding.height, padding.height}, {padding.width, padding.width}}, options) {}

ZeroPadding2D::ZeroPadding2D(const std::int64_t (&padding)[2][2],
                             const ZeroPadding2DOptions& options)
    : LayerOf(common(options)),
      padding_{{padding[0][0], padding[0][1]}, {padding[1][0], padding[1][1]}} {
  check();
}

void ZeroPadding2D::check() const {
  const bool negative = std::ranges::any_of(
      padding_, [](const Size2& side) { return std::min(side.height, side.width) < 0; });
  for (const Size2& side : padding_) check_largest("ZeroPadding2D", "padding", side);
  if (padding_.size() == 2 && !negative) return;
  std::vector<std::string> received;
  for (const Size2& side : padding_) received.push_back(side.str());
  throw InvalidArgument(
      fmt::format("[ZeroPadding2D] padding must be two pairs, none of them negative, received ({})",
                  fmt::join(received, ", ")));
}

void ZeroPadding2D::describe(Fields& fields) {
  fields("padding", padding_).only("data_format", "channels_last");
  if (fields.reading()) check();
}

Tensor ZeroPadding2D::call(const Tensor& x, const CallContext&) {
  check_image(name(), x.shape());
  return ops::pad(x, {{0, 0}, pair_of(padding_[0]), pair_of(padding_[1]), {0, 0}});
}

}  // namespace banach::layers
