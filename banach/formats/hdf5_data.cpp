#include <banach/core/errors.hpp>
#include <banach/formats/hdf5_chunks.hpp>
#include <banach/formats/hdf5_data.hpp>

#include <cstring>
#include <fmt/format.h>

namespace banach::formats {
namespace {

using Kind = Hdf5Layout::Kind;

// What the elements take in the file without filters.
std::uint64_t stored_bytes(const StoredType& type, const Shape& shape) {
  return static_cast<std::uint64_t>(shape.size()) * type.size;
}

void check_stored(std::uint64_t received, std::uint64_t expected, const Shape& shape,
                  const std::string& where) {
  if (received >= expected) return;
  throw Corruption(fmt::format("[{}] {} elements need {} bytes, the file has {} for them", where,
                               shape.str(), expected, received));
}

void check_contiguous(const ByteSource& source, const Hdf5Layout& layout, std::uint64_t bytes,
                      const Shape& shape, const std::string& where) {
  if (layout.address == kHdf5Undefined) {
    throw NotSupported(fmt::format("[{}] was created but never written", where));
  }
  check_stored(layout.size, bytes, shape, where);
  if (!source.holds(layout.address, bytes)) {
    throw Corruption(fmt::format("[{}] its {} bytes at {:#x} lie outside the file, which has {}",
                                 where, bytes, layout.address, source.size()));
  }
}

}  // namespace

void read_hdf5_data(const ByteSource& source, const Hdf5Object& object, const StoredType& type,
                    const Shape& shape, const std::string& where,
                    const std::function<std::byte*()>& room) {
  if (object.find(hdf5_message::kExternalFiles) != nullptr) {
    throw NotSupported(
        fmt::format("[{}] keeps its elements in other files, which are never opened", where));
  }
  const Hdf5Layout layout = parse_hdf5_layout(object.find(hdf5_message::kLayout)->data, where);
  const std::uint64_t bytes = stored_bytes(type, shape);
  if (bytes == 0) return;
  if (layout.kind == Kind::chunked) {
    std::vector<Hdf5Filter> filters;
    if (const Hdf5Message* message = object.find(hdf5_message::kFilters)) {
      filters = parse_hdf5_filters(message->data, where);
    }
    const Array values = read_hdf5_chunks(source, layout, filters, type, shape, where);
    std::memcpy(room(), values.raw(), values.nbytes());
    return;
  }
  const bool compact = layout.kind == Kind::compact;
  if (compact) {
    check_stored(layout.data.size(), bytes, shape, where);
  } else {
    check_contiguous(source, layout, bytes, shape, where);
  }
  const auto count = static_cast<std::size_t>(shape.size());
  if (compact) {
    convert_stored(type, layout.data.data(), count, room(), where);
  } else {
    read_stored(source, layout.address, type, count, room(), where);
  }
}

}  // namespace banach::formats
