#include <banach/core/errors.hpp>
#include <banach/layers/reshape.hpp>
#include <banach/ops/shape.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace banach::layers {
namespace {

// The product of all dimensions but the open one; InvalidArgument beyond all memory.
std::int64_t known_size(const Shape& shape) {
  Shape known;
  for (std::int64_t dim : shape) {
    if (dim >= 0) known.push_back(dim);
  }
  return known.size();
}

}  // namespace

Tensor Flatten::call(const Tensor& x, const CallContext&) {
  return ops::reshape(x, {x.dim(0), x.shape().slice(1, x.rank()).size()});
}

void Flatten::describe(Fields& fields) { fields.only("data_format", "channels_last"); }

Reshape::Reshape(const Shape& target_shape, const ReshapeOptions& options)
    : LayerOf(common(options)), target_shape_(target_shape) {
  check();
}

void Reshape::check() const {
  if (std::ranges::count_if(target_shape_, [](auto dim) { return dim < 0; }) > 1) {
    throw InvalidArgument("[Reshape] at most one dimension may be -1, received " +
                          target_shape_.str());
  }
}

void Reshape::describe(Fields& fields) {
  std::vector<std::int64_t> dims(target_shape_.begin(), target_shape_.end());
  fields.required("target_shape", dims);
  if (!fields.reading()) return;
  target_shape_ = Shape(std::span<const std::int64_t>(dims));
  check();
}

Tensor Reshape::call(const Tensor& x, const CallContext&) {
  const std::int64_t sample = x.shape().slice(1, x.rank()).size();
  const std::int64_t known = known_size(target_shape_);
  const bool open = std::ranges::any_of(target_shape_, [](auto dim) { return dim < 0; });
  if (open ? known == 0 || sample % known != 0 : known != sample) {
    throw InvalidArgument(fmt::format(
        "[{}] expected {} values a sample for target_shape {}, received an input {} with {}",
        name(), open ? fmt::format("a multiple of {}", known) : std::to_string(known),
        target_shape_.str(), x.shape().with(0, kUnknown).str(), sample));
  }
  return ops::reshape(x, Shape{x.dim(0)}.concat(target_shape_));
}

Permute::Permute(std::vector<int> dims, const ReshapeOptions& options)
    : LayerOf(common(options)), dims_(std::move(dims)) {
  check();
}

void Permute::check() const {
  std::vector<int> sorted = dims_;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] == static_cast<int>(i) + 1) continue;
    throw InvalidArgument(fmt::format("[Permute] dims must be 1 to {} in any order, received {}",
                                      dims_.size(), dims_));
  }
}

void Permute::describe(Fields& fields) {
  fields.required("dims", dims_);
  if (fields.reading()) check();
}

Tensor Permute::call(const Tensor& x, const CallContext&) {
  if (x.rank() != static_cast<int>(dims_.size()) + 1) {
    throw InvalidArgument(fmt::format("[{}] expected an input of {} axes for dims {}, received {}",
                                      name(), dims_.size() + 1, dims_,
                                      x.shape().with(0, kUnknown).str()));
  }
  std::vector<int> axes = {0};
  axes.insert(axes.end(), dims_.begin(), dims_.end());
  return ops::transpose(x, axes);
}

}  // namespace banach::layers
