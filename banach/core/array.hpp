#pragma once

#include <banach/core/buffer.hpp>
#include <banach/core/dtype.hpp>
#include <banach/core/shape.hpp>

#include <span>
#include <string>
#include <vector>

namespace banach {

/// An n-dimensional array in host memory, row-major. Copies, reshapes and slices share the buffer;
/// writing through mutable_data() copies first when it is shared, so a view never changes another.
class Array {
 public:
  Array() : Array(Shape{0}) {}
  explicit Array(Shape shape, DType dtype = float32);  ///< zeros
  Array(Shape shape, DType dtype, Buffer buffer);      ///< over existing bytes

  template <class T>
  static Array from(std::span<const T> values, Shape shape) {
    Array result(shape, dtype_of<T>);
    result.copy_from(values.data(), values.size());
    return result;
  }
  /// Of a std::vector or whatever else is a span: `Array::from(numbers)`, shape (n,), or the shape
  /// given.
  template <class Range>
  requires requires(const Range& range) { std::span(range); }
  static Array from(const Range& values, Shape shape) {
    return from(std::span<const typename Range::value_type>(values), shape);
  }
  template <class Range>
  requires requires(const Range& range) { std::span(range); }
  static Array from(const Range& values) {
    return from(values, {static_cast<std::int64_t>(std::size(values))});
  }
  /// `Array::of<float>({1, 2, 3})`, shape (3,), or the shape given.
  template <class T>
  static Array of(std::initializer_list<T> values) {
    return from<T>({values.begin(), values.size()}, {static_cast<std::int64_t>(values.size())});
  }
  template <class T>
  static Array of(std::initializer_list<T> values, Shape shape) {
    return from<T>({values.begin(), values.size()}, shape);
  }
  static Array full(Shape shape, double value, DType dtype = float32);

  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  int rank() const { return shape_.rank(); }
  std::int64_t dim(int axis) const { return shape_[axis]; }
  std::int64_t size() const { return size_; }
  std::size_t nbytes() const { return static_cast<std::size_t>(size_) * size_of(dtype_); }

  const void* raw() const { return buffer_.data(); }
  void* mutable_raw();  ///< copies first when the buffer is shared or borrowed
  const Buffer& buffer() const { return buffer_; }

  /// The elements; InvalidArgument when T is not the dtype. Not of a temporary, with which they
  /// would go: give it a name, or take a copy with to_vector().
  template <class T>
  std::span<const T> values() const& {
    check_dtype(dtype_of<T>);
    return {static_cast<const T*>(raw()), static_cast<std::size_t>(size_)};
  }
  template <class T>
  std::span<const T> values() const&& = delete;
  template <class T>
  std::span<T> mutable_values() & {
    check_dtype(dtype_of<T>);
    return {static_cast<T*>(mutable_raw()), static_cast<std::size_t>(size_)};
  }
  template <class T>
  std::span<T> mutable_values() && = delete;
  /// A copy of the elements, converted as astype does: `model.predict(x).to_vector<float>()`.
  template <class T>
  std::vector<T> to_vector() const {
    const Array converted = astype(dtype_of<T>);
    const std::span<const T> elements = converted.values<T>();
    return {elements.begin(), elements.end()};
  }
  /// One element as a double, by its position on each axis: `a.at({0, 3})`.
  double at(std::initializer_list<std::int64_t> position) const;
  /// One element as a double, by its flat index.
  double flat(std::int64_t index) const;

  /// The same elements in another shape; one dimension may be -1.
  Array reshape(Shape shape) const;
  /// The elements converted as C++ converts them, but for numbers that an integer cannot hold: they
  /// become the nearest that it can, NaN becomes 0.
  Array astype(DType dtype) const;
  /// Rows [begin, end) of axis 0, sharing the buffer.
  Array slice(std::int64_t begin, std::int64_t end) const;
  /// Row `index` of axis 0, one rank less, sharing the buffer.
  Array operator[](std::int64_t index) const;
  Array copy() const;

  /// "Array(shape=(2, 3), dtype=float32)".
  std::string str() const;

 private:
  void check_dtype(DType requested) const;
  void copy_from(const void* values, std::size_t count);

  Shape shape_;
  DType dtype_ = float32;
  std::int64_t size_ = 0;
  Buffer buffer_;
};

/// Elementwise arithmetic with a number or with an array of the same shape. The result has the
/// dtype of the array on the left; an integer array gives float32, as division and scaling need. A
/// temporary is reused: `images.astype(float32) / 255` holds one array.
Array operator+(Array a, double b);
Array operator-(Array a, double b);
Array operator*(Array a, double b);
Array operator/(Array a, double b);
Array operator+(double a, Array b);
Array operator-(double a, Array b);
Array operator*(double a, Array b);
Array operator/(double a, Array b);
Array operator-(Array a);
Array operator+(Array a, const Array& b);
Array operator-(Array a, const Array& b);
Array operator*(Array a, const Array& b);
Array operator/(Array a, const Array& b);

/// Position of the largest element along the last axis, int64; the first one on ties.
Array argmax(const Array& array);
double mean(const Array& array);
double variance(const Array& array);  ///< population variance
/// Largest |a - b|; InvalidArgument when the shapes differ.
double max_abs_difference(const Array& a, const Array& b);

}  // namespace banach
