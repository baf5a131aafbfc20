#include <banach/core/errors.hpp>
#include <banach/formats/field_reader.hpp>
#include <banach/formats/hdf5_checksum.hpp>
#include <banach/formats/hdf5_metadata.hpp>

#include <algorithm>
#include <fmt/format.h>

// "The format" below is the HDF5 File Format Specification, version 3.0.
namespace banach::formats {
namespace {

[[noreturn]] void not_supported(const std::string& where, const std::string& what) {
  throw NotSupported(
      fmt::format("[{}] {}. Write the file with h5py's or Keras' defaults", where, what));
}

}  // namespace

const Hdf5Message* Hdf5Object::find(std::uint16_t type) const {
  const auto found = std::ranges::find(messages, type, &Hdf5Message::type);
  return found == messages.end() ? nullptr : &*found;
}

bool Hdf5Object::is_group() const {
  return find(hdf5_message::kSymbolTable) != nullptr || find(hdf5_message::kLinkInfo) != nullptr ||
         find(hdf5_message::kGroupInfo) != nullptr;
}

bool Hdf5Object::is_dataset() const {
  return find(hdf5_message::kDataspace) != nullptr && find(hdf5_message::kDatatype) != nullptr &&
         find(hdf5_message::kLayout) != nullptr;
}

Hdf5Metadata::Hdf5Metadata(ByteSource source)
    : source_(std::move(source)), budget_(2 * source_.size()) {
  read_superblock();
}

// Structures of an honest file do not overlap, and each is read once.
Bytes Hdf5Metadata::block(std::uint64_t address, std::uint64_t size, const std::string& where,
                          const char* what) {
  if (!source_.holds(address, size)) {
    throw Corruption(fmt::format("[{}] {} of {} bytes at {:#x} lies outside the file, which has {}",
                                 where, what, size, address, source_.size()));
  }
  if (size > budget_) {
    throw Corruption(
        fmt::format("[{}] {} at {:#x} overlaps others or is part of a loop", where, what, address));
  }
  budget_ -= size;
  return source_.read(address, size);
}

void Hdf5Metadata::read_superblock() {
  constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";
  constexpr std::size_t kLongest = 100;
  const std::string& where = source_.name();
  const Bytes bytes = source_.read(0, std::min<std::uint64_t>(source_.size(), kLongest));
  if (!as_text(bytes).starts_with(kSignature)) {
    throw Corruption(fmt::format("[{}] expected an HDF5 file, received {} bytes that are none",
                                 where, source_.size()));
  }
  FieldReader fields(bytes, where, "the superblock");
  fields.skip(kSignature.size());
  const int version = fields.u8();
  if (version > 3) not_supported(where, fmt::format("superblock version {}", version));
  if (version < 2) fields.skip(4);
  const int offset_size = fields.u8(), length_size = fields.u8();
  if (offset_size != 8 || length_size != 8) {
    not_supported(where, fmt::format("offsets of {} and lengths of {} bytes instead of 8",
                                     offset_size, length_size));
  }
  fields.skip(version == 0 ? 9 : version == 1 ? 13 : 1);
  if (const std::uint64_t base = fields.u64(); base != 0) {
    not_supported(where, fmt::format("a base address of {:#x}", base));
  }
  fields.skip(8);  // free space, or the superblock's extension
  const std::uint64_t end = fields.u64();
  if (version < 2) {
    const std::uint64_t driver = fields.u64();
    if (driver != kHdf5Undefined) not_supported(where, "a file in several parts (driver info)");
    fields.skip(8);  // the root's name
  }
  root_ = fields.u64();
  if (version >= 2) {
    const auto length = bytes.size() - fields.remaining() + sizeof(std::uint32_t);
    check_hdf5_checksum(source_.read(0, length), where, "the superblock");
  }
  if (end != source_.size()) {
    throw Corruption(fmt::format("[{}] the superblock says {} bytes, the file has {}: it is {}",
                                 where, end, source_.size(),
                                 end > source_.size() ? "truncated" : "followed by other bytes"));
  }
}

const Hdf5Object& Hdf5Metadata::object(std::uint64_t address, const std::string& where) {
  const auto known = objects_.find(address);
  if (known != objects_.end()) return known->second;
  return objects_.emplace(address, read_object(address, where)).first->second;
}

ByteSpan Hdf5Metadata::heap_object(std::uint64_t address, std::uint32_t index,
                                   const std::string& where) {
  auto known = collections_.find(address);
  if (known == collections_.end()) {
    known = collections_.emplace(address, read_collection(address, where)).first;
  }
  const auto found = known->second.objects.find(index);
  if (found != known->second.objects.end()) return found->second;
  throw Corruption(
      fmt::format("[{}] the global heap at {:#x} has no object {}", where, address, index));
}

Hdf5Metadata::Collection Hdf5Metadata::read_collection(std::uint64_t address,
                                                       const std::string& where) {
  constexpr const char* kWhat = "a global heap";
  constexpr std::size_t kHeader = 16;
  const Bytes header = block(address, kHeader, where, kWhat);
  FieldReader start(header, where, kWhat);
  start.signature("GCOL");
  if (const int version = start.u8(); version != 1) start.fail(fmt::format("version {}", version));
  start.skip(3);
  const std::uint64_t size = start.u64();
  if (size < kHeader) start.fail(fmt::format("of {} bytes is shorter than its header", size));

  Collection result;
  result.bytes = block(address, size, where, kWhat);
  FieldReader fields(result.bytes, where, kWhat);
  fields.skip(kHeader);
  while (fields.remaining() >= kHeader) {
    const std::uint32_t index = fields.u16();
    fields.skip(6);
    const std::uint64_t length = fields.u64();
    if (index == 0) break;  // the free rest
    if (!result.objects.emplace(index, fields.take(length)).second) {
      fields.fail(fmt::format("has object {} twice", index));
    }
    fields.align(8);
  }
  return result;
}

}  // namespace banach::formats
