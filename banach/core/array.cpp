#include <banach/core/array.hpp>
#include <banach/core/errors.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>

namespace banach {
namespace {

template <class F>
Array apply(Array a, F f) {
  if (!is_floating(a.dtype())) a = a.astype(float32);
  visit_dtype(a.dtype(), [&]<class T>() {
    auto values = a.mutable_values<T>();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(f(values[i], i));
  });
  return a;
}

template <class F>
Array apply(Array a, const Array& b, F f) {
  if (a.shape() != b.shape()) {
    throw InvalidArgument(
        fmt::format("[Array] expected two arrays of one shape, received {} and {}", a.shape().str(),
                    b.shape().str()));
  }
  return visit_dtype(b.dtype(), [&]<class U>() {
    auto other = b.values<U>();
    return apply(std::move(a),
                 [&](auto x, std::size_t i) { return f(x, static_cast<decltype(x)>(other[i])); });
  });
}

template <class F>
double accumulate(const Array& array, F f) {
  return visit_dtype(array.dtype(), [&]<class T>() {
    double sum = 0;
    for (T value : array.values<T>()) sum += f(static_cast<double>(value));
    return sum / static_cast<double>(array.size());
  });
}

}  // namespace

Array::Array(Shape shape, DType dtype) : shape_(shape), dtype_(dtype), size_(shape.size()) {
  buffer_ = Buffer::allocate(nbytes());
}

Array::Array(Shape shape, DType dtype, Buffer buffer)
    : shape_(shape), dtype_(dtype), size_(shape.size()), buffer_(std::move(buffer)) {
  if (buffer_.size() < nbytes()) {
    throw InvalidArgument(fmt::format("[Array] {} of {} needs {} bytes, the buffer has {}",
                                      shape.str(), name_of(dtype), nbytes(), buffer_.size()));
  }
}

Array Array::full(Shape shape, double value, DType dtype) {
  Array result(shape, dtype);
  visit_dtype(dtype, [&]<class T>() {
    T element;
    convert_elements(&element, dtype, &value, float64, 1);
    std::ranges::fill(result.mutable_values<T>(), element);
  });
  return result;
}

void Array::copy_from(const void* values, std::size_t count) {
  if (static_cast<std::int64_t>(count) != size_) {
    throw InvalidArgument(
        fmt::format("[Array] shape {} needs {} values, received {}", shape_.str(), size_, count));
  }
  if (count > 0) std::memcpy(buffer_.data(), values, nbytes());
}

void* Array::mutable_raw() {
  if (!buffer_.is_exclusive()) *this = copy();
  return buffer_.data();
}

void Array::check_dtype(DType requested) const {
  if (requested != dtype_) {
    throw InvalidArgument(fmt::format("[Array] the elements are {}, not {}: convert with astype()",
                                      name_of(dtype_), name_of(requested)));
  }
}

double Array::at(std::initializer_list<std::int64_t> position) const {
  if (static_cast<int>(position.size()) != rank()) {
    throw InvalidArgument(fmt::format("[Array.at] expected {} positions for shape {}, received {}",
                                      rank(), shape_.str(), position.size()));
  }
  std::int64_t index = 0;
  int axis = 0;
  for (std::int64_t p : position) {
    if (p < 0 || p >= shape_[axis]) {
      throw InvalidArgument(
          fmt::format("[Array.at] position {} of axis {} is outside {}", p, axis, shape_.str()));
    }
    index = index * shape_[axis++] + p;
  }
  return flat(index);
}

double Array::flat(std::int64_t index) const {
  if (index < 0 || index >= size_) {
    throw InvalidArgument(fmt::format("[Array] element {} is outside {}", index, shape_.str()));
  }
  return visit_dtype(dtype_, [&]<class T>() {
    return static_cast<double>(values<T>()[static_cast<std::size_t>(index)]);
  });
}

Array Array::reshape(Shape shape) const {
  Array result = *this;
  result.shape_ = shape.resolved(size_);
  if (result.shape_.size() != size_) {
    throw InvalidArgument(fmt::format("[Array.reshape] {} holds {} elements, {} would hold {}",
                                      shape_.str(), size_, shape.str(), result.shape_.size()));
  }
  return result;
}

Array Array::astype(DType dtype) const {
  if (dtype == dtype_) return *this;
  Array result(shape_, dtype);
  convert_elements(result.mutable_raw(), dtype, raw(), dtype_, size_);
  return result;
}

Array Array::slice(std::int64_t begin, std::int64_t end) const {
  if (rank() == 0 || begin < 0 || end < begin || end > shape_[0]) {
    throw InvalidArgument(
        fmt::format("[Array.slice] rows [{}, {}) are outside {}", begin, end, shape_.str()));
  }
  const std::size_t row = shape_[0] == 0 ? 0 : nbytes() / static_cast<std::size_t>(shape_[0]);
  const auto rows = static_cast<std::size_t>(end - begin);
  return {shape_.with(0, end - begin), dtype_,
          buffer_.slice(static_cast<std::size_t>(begin) * row, rows * row)};
}

Array Array::operator[](std::int64_t index) const {
  return slice(index, index + 1).reshape(shape_.slice(1, rank()));
}

Array Array::copy() const {
  Array result(shape_, dtype_);
  if (size_ > 0) std::memcpy(result.buffer_.data(), raw(), nbytes());
  return result;
}

std::string Array::str() const {
  return fmt::format("Array(shape={}, dtype={})", shape_.str(), name_of(dtype_));
}

Array operator+(Array a, double b) {
  return apply(std::move(a), [b](auto x, std::size_t) { return x + static_cast<decltype(x)>(b); });
}
Array operator-(Array a, double b) { return std::move(a) + -b; }
Array operator*(Array a, double b) {
  return apply(std::move(a), [b](auto x, std::size_t) { return x * static_cast<decltype(x)>(b); });
}
Array operator/(Array a, double b) {
  return apply(std::move(a), [b](auto x, std::size_t) { return x / static_cast<decltype(x)>(b); });
}
Array operator+(double a, Array b) { return std::move(b) + a; }
Array operator-(double a, Array b) {
  return apply(std::move(b), [a](auto x, std::size_t) { return static_cast<decltype(x)>(a) - x; });
}
Array operator*(double a, Array b) { return std::move(b) * a; }
Array operator/(double a, Array b) {
  return apply(std::move(b), [a](auto x, std::size_t) { return static_cast<decltype(x)>(a) / x; });
}
Array operator-(Array a) {
  return apply(std::move(a), [](auto x, std::size_t) { return -x; });
}
Array operator+(Array a, const Array& b) {
  return apply(std::move(a), b, [](auto x, auto y) { return x + y; });
}
Array operator-(Array a, const Array& b) {
  return apply(std::move(a), b, [](auto x, auto y) { return x - y; });
}
Array operator*(Array a, const Array& b) {
  return apply(std::move(a), b, [](auto x, auto y) { return x * y; });
}
Array operator/(Array a, const Array& b) {
  return apply(std::move(a), b, [](auto x, auto y) { return x / y; });
}

Array argmax(const Array& array) {
  const std::int64_t width = array.dim(-1);
  Array result(array.shape().slice(0, array.rank() - 1), int64);
  auto positions = result.mutable_values<std::int64_t>();
  visit_dtype(array.dtype(), [&]<class T>() {
    const T* row = array.values<T>().data();
    for (auto& position : positions) {
      position = std::max_element(row, row + width) - row;
      row += width;
    }
  });
  return result;
}

double mean(const Array& array) {
  return accumulate(array, [](double x) { return x; });
}

double variance(const Array& array) {
  const double center = mean(array);
  return accumulate(array, [center](double x) { return (x - center) * (x - center); });
}

double max_abs_difference(const Array& a, const Array& b) {
  const Array difference = a.astype(float64) - b;
  double largest = 0;
  for (double value : difference.values<double>()) {
    largest = std::isnan(value) ? value : std::max(largest, std::abs(value));
    if (std::isnan(value)) break;
  }
  return largest;
}

}  // namespace banach
