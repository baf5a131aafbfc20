#include <banach/formats/hdf5_encoder.hpp>

#include <algorithm>

namespace banach::formats {
namespace {

constexpr std::size_t kHeader = 16;           // of a collection, and of an object
constexpr std::size_t kMinCollection = 4096;  // libhdf5 takes none that is smaller

std::size_t rounded(std::size_t size) { return (size + 7) / 8 * 8; }

}  // namespace

Hdf5Reference Hdf5Heap::add(const std::string& text) {
  if (text.empty()) return {};  // as libhdf5 writes it
  const std::size_t object = kHeader + rounded(text.size());
  const std::size_t used = fields_.size() - start_;
  if (used + object + kHeader > capacity_) open(object);  // a free object always fits
  fields_.u16(++index_);
  fields_.u16(0);  // no references are counted
  fields_.zeros(4);
  fields_.u64(text.size());
  fields_.text(text);
  fields_.align(8);
  return {static_cast<std::uint32_t>(text.size()), index_, start_};
}

void Hdf5Heap::open(std::size_t object) {
  close(fields_);
  start_ = fields_.size();
  capacity_ = std::max(kMinCollection, kHeader + object + kHeader);
  index_ = 0;
  fields_.text("GCOL");
  fields_.u8(1);
  fields_.zeros(3);
  fields_.u64(capacity_);
}

// The rest of the open collection is object 0.
void Hdf5Heap::close(FieldWriter& fields) const {
  const std::size_t rest = capacity_ - (fields.size() - start_);
  if (rest == 0) return;
  fields.zeros(8);
  fields.u64(rest);
  fields.zeros(rest - kHeader);
}

Bytes Hdf5Heap::bytes() const {
  FieldWriter whole = fields_;
  close(whole);
  return whole.bytes();
}

}  // namespace banach::formats
