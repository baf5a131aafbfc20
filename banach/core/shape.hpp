#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace banach {

/// A dimension that is not known yet: Keras' None.
inline constexpr std::int64_t kUnknown = -1;

/// The dimensions of an Array or Tensor, outermost first; up to 8, kept without allocation.
class Shape {
 public:
  static constexpr int kMaxRank = 8;

  Shape() = default;  ///< a scalar: rank 0, size 1
  Shape(std::initializer_list<std::int64_t> dims) : Shape(std::span(dims.begin(), dims.size())) {}
  explicit Shape(std::span<const std::int64_t> dims);  ///< InvalidArgument beyond kMaxRank

  int rank() const { return rank_; }
  /// The dimension of `axis`; negative axes count from the end. InvalidArgument out of range.
  std::int64_t operator[](int axis) const { return dims_[normalize(axis)]; }
  std::int64_t& operator[](int axis) { return dims_[normalize(axis)]; }
  /// Product of all dimensions; InvalidArgument when one is unknown or the product overflows.
  std::int64_t size() const;
  bool is_known() const;
  /// `axis` in [0, rank).
  int normalize(int axis) const;

  const std::int64_t* begin() const { return dims_.data(); }
  const std::int64_t* end() const { return dims_.data() + rank_; }

  void push_back(std::int64_t dim);
  Shape slice(int begin, int end) const;  ///< axes [begin, end)
  Shape concat(const Shape& tail) const;
  Shape with(int axis, std::int64_t dim) const;  ///< a copy with one dimension replaced
  /// A copy whose -1, if there is one, is what gives it as near to `size` elements as the other
  /// dimensions allow. InvalidArgument when there are more.
  Shape resolved(std::int64_t size) const;
  std::vector<std::int64_t> strides() const;  ///< row-major, in elements

  /// "(None, 28, 28)", as Python prints it.
  std::string str() const;

  bool operator==(const Shape& other) const;

 private:
  std::array<std::int64_t, kMaxRank> dims_{};
  int rank_ = 0;
};

/// NumPy's broadcasting of two shapes; InvalidArgument when they do not fit.
Shape broadcast(const Shape& a, const Shape& b);

}  // namespace banach
