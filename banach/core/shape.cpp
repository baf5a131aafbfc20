#include <banach/core/errors.hpp>
#include <banach/core/shape.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {

Shape::Shape(std::span<const std::int64_t> dims) {
  if (dims.size() > kMaxRank) {
    throw InvalidArgument(
        fmt::format("[Shape] expected at most {} dimensions, received {}", kMaxRank, dims.size()));
  }
  std::copy(dims.begin(), dims.end(), dims_.begin());
  rank_ = static_cast<int>(dims.size());
}

std::int64_t Shape::size() const {
  constexpr std::int64_t kMost = std::int64_t{1} << 59;  // bytes are counted in 63 bits too
  std::int64_t product = 1;
  for (std::int64_t dim : *this) {
    if (dim < 0) throw InvalidArgument("[Shape] the size of " + str() + " is not known");
    if (__builtin_mul_overflow(product, dim, &product) || product > kMost) {
      throw InvalidArgument("[Shape] the size of " + str() + " is beyond all memory");
    }
  }
  return product;
}

bool Shape::is_known() const {
  return std::all_of(begin(), end(), [](std::int64_t dim) { return dim >= 0; });
}

int Shape::normalize(int axis) const {
  if (axis < -rank_ || axis >= rank_) {
    throw InvalidArgument(
        fmt::format("[Shape] axis {} is out of range for {} (rank {})", axis, str(), rank_));
  }
  return axis < 0 ? axis + rank_ : axis;
}

void Shape::push_back(std::int64_t dim) {
  if (rank_ == kMaxRank) {
    throw InvalidArgument(fmt::format("[Shape] more than {} dimensions: {}", kMaxRank, str()));
  }
  dims_[rank_++] = dim;
}

Shape Shape::slice(int begin, int end) const {
  return Shape(std::span(dims_.data() + begin, static_cast<std::size_t>(end - begin)));
}

Shape Shape::concat(const Shape& tail) const {
  Shape result = *this;
  for (std::int64_t dim : tail) result.push_back(dim);
  return result;
}

Shape Shape::with(int axis, std::int64_t dim) const {
  Shape result = *this;
  result[axis] = dim;
  return result;
}

Shape Shape::resolved(std::int64_t size) const {
  const auto* unknown = std::find_if(begin(), end(), [](std::int64_t dim) { return dim < 0; });
  if (unknown == end()) return *this;
  const auto axis = static_cast<int>(unknown - begin());
  const Shape others = with(axis, 1);
  if (!others.is_known()) {
    throw InvalidArgument("[Shape] expected at most one -1, received " + str());
  }
  const std::int64_t known = others.size();
  return with(axis, known == 0 ? 0 : size / known);
}

std::vector<std::int64_t> Shape::strides() const {
  std::vector<std::int64_t> result(rank_, 1);
  for (int axis = rank_ - 2; axis >= 0; --axis) result[axis] = result[axis + 1] * dims_[axis + 1];
  return result;
}

std::string Shape::str() const {
  std::string text = "(";
  for (int axis = 0; axis < rank_; ++axis) {
    if (axis > 0) text += ", ";
    text += dims_[axis] < 0 ? std::string("None") : std::to_string(dims_[axis]);
  }
  return text + (rank_ == 1 ? ",)" : ")");
}

bool Shape::operator==(const Shape& other) const {
  return std::equal(begin(), end(), other.begin(), other.end());
}

Shape broadcast(const Shape& a, const Shape& b) {
  Shape result = a.rank() >= b.rank() ? a : b;
  const Shape& shorter = a.rank() >= b.rank() ? b : a;
  const int shift = result.rank() - shorter.rank();
  for (int axis = 0; axis < shorter.rank(); ++axis) {
    std::int64_t& dim = result[axis + shift];
    const std::int64_t other = shorter[axis];
    if (dim != other && dim != 1 && other != 1) {
      throw InvalidArgument(
          fmt::format("shapes {} and {} cannot be broadcast together: expected "
                      "equal dimensions or 1, counted from the last axis",
                      a.str(), b.str()));
    }
    if (dim == 1) dim = other;
  }
  return result;
}

}  // namespace banach
