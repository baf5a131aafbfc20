#include <banach/core/threads.hpp>
#include <banach/models/runtime.hpp>
#include <banach/train/feeder.hpp>

#include <algorithm>

namespace banach {
namespace {

constexpr std::int64_t kValuesPerPart = 32768;  // less is not worth a second thread

void fill_with_ones(const View& slot) {
  visit_dtype(slot.spec.dtype, [&]<class T>() { std::fill_n(slot.as<T>(), slot.size(), T(1)); });
}

}  // namespace

Feeder::Feeder(const Data& data, std::int64_t batch_size)
    : data_(data), batch_size_(std::min(batch_size, data.size())) {}

std::int64_t Feeder::num_batches() const { return (data_.size() + batch_size_ - 1) / batch_size_; }

std::int64_t Feeder::batch_size(std::int64_t batch) const {
  return std::min(batch_size_, data_.size() - batch * batch_size_);
}

void Feeder::gather(const View& slot, const Array& from, std::int64_t first) const {
  const std::int64_t rows = slot.spec.shape[0];
  const std::int64_t width = rows == 0 ? 0 : slot.size() / rows;
  const std::int64_t* order = order_.empty() ? nullptr : order_.data();
  const DType to_dtype = slot.spec.dtype, from_dtype = from.dtype();
  const auto to_bytes = width * static_cast<std::int64_t>(size_of(to_dtype));
  const auto from_bytes = width * static_cast<std::int64_t>(size_of(from_dtype));
  const auto* source = static_cast<const std::byte*>(from.raw());
  const std::int64_t part = kValuesPerPart / std::max<std::int64_t>(width, 1);
  parallel_for(rows, std::max<std::int64_t>(1, part), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t row = order ? order[first + i] : first + i;
      convert_elements(slot.data + i * to_bytes, to_dtype, source + row * from_bytes, from_dtype,
                       width);
    }
  });
}

void Feeder::fill(Program::Context& context, std::int64_t batch) const {
  const std::int64_t first = batch * batch_size_;
  std::size_t slot = 0;
  for (const Array& x : data_.x) gather(context.input(slot++), x, first);
  for (const Array& y : data_.y) gather(context.input(slot++), y, first);
  for (const Array& weights : data_.weights) gather(context.input(slot++), weights, first);
  const std::size_t end = data_.x.size() + 2 * data_.y.size();
  for (; slot < end; ++slot) fill_with_ones(context.input(slot));
}

}  // namespace banach
