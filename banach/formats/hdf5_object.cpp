#include <banach/core/errors.hpp>
#include <banach/formats/field_reader.hpp>
#include <banach/formats/hdf5_checksum.hpp>
#include <banach/formats/hdf5_metadata.hpp>

#include <fmt/format.h>

// Object headers: a list of messages, in one block or continued in others ("IV.A" of the format).
namespace banach::formats {
namespace {

constexpr const char* kWhat = "an object header";

struct Block {
  std::uint64_t address, size;
};

// Appends the messages of one block; blocks that continue it are added to `more`.
class MessageReader {
 public:
  MessageReader(const std::string& where, Hdf5Object& object, std::vector<Block>& more)
      : where_(where), object_(object), more_(more) {}

  void read_v1(ByteSpan block) {
    FieldReader fields(block, where_, kWhat);
    while (fields.remaining() >= 8) {
      const std::uint16_t type = fields.u16(), size = fields.u16();
      const int flags = fields.u8();
      fields.skip(3);
      add(type, flags, fields.take(size));
    }
  }

  void read_v2(ByteSpan block, bool has_order) {
    const std::size_t header = has_order ? 6 : 4;
    FieldReader fields(block, where_, kWhat);
    while (fields.remaining() >= header) {
      const std::uint16_t type = fields.u8(), size = fields.u16();
      const int flags = fields.u8();
      if (has_order) fields.skip(2);
      add(type, flags, fields.take(size));
    }
  }

 private:
  void add(std::uint16_t type, int flags, ByteSpan data) {
    constexpr int kShared = 0x02, kMustUnderstand = 0x80;
    if (type == hdf5_message::kContinuation) {
      FieldReader fields(data, where_, "a continuation message");
      const std::uint64_t address = fields.u64();
      more_.push_back({address, fields.u64()});
      return;
    }
    if ((flags & kShared) != 0) refuse("a shared message (a committed datatype)");
    if (type > hdf5_message::kLast && (flags & kMustUnderstand) != 0) refuse("an unknown message");
    object_.messages.push_back({type, Bytes(data.begin(), data.end())});
  }

  [[noreturn]] void refuse(const char* what) const {
    throw NotSupported(fmt::format("[{}] has {} in its header, which is not read", where_, what));
  }

  const std::string& where_;
  Hdf5Object& object_;
  std::vector<Block>& more_;
};

}  // namespace

Hdf5Object Hdf5Metadata::read_object(std::uint64_t address, const std::string& where) {
  const Bytes start = block(address, 4, where, kWhat);
  if (as_text(start) == "OHDR") return read_object_v2(address, where);
  if (start[0] == std::byte{1}) return read_object_v1(address, where);
  throw Corruption(
      fmt::format("[{}] expected an object header at {:#x}, received other bytes", where, address));
}

Hdf5Object Hdf5Metadata::read_object_v1(std::uint64_t address, const std::string& where) {
  constexpr std::size_t kPrefix = 16;
  const Bytes prefix = block(address, kPrefix, where, kWhat);
  FieldReader fields(prefix, where, kWhat);
  fields.skip(8);
  Hdf5Object object;
  std::vector<Block> blocks{{address + kPrefix, fields.u32()}};
  MessageReader reader(where, object, blocks);
  for (std::size_t i = 0; i < blocks.size(); ++i) {  // grows while it is read
    reader.read_v1(block(blocks[i].address, blocks[i].size, where, kWhat));
  }
  return object;
}

Hdf5Object Hdf5Metadata::read_object_v2(std::uint64_t address, const std::string& where) {
  constexpr int kTimes = 0x20, kAttributeLimits = 0x10, kOrder = 0x04;
  constexpr std::size_t kSignature = 4, kChecksum = 4;
  const Bytes start = block(address, kSignature + 2, where, kWhat);
  FieldReader first(start, where, kWhat);
  first.skip(kSignature);
  if (const int version = first.u8(); version != 2) {
    throw NotSupported(fmt::format("[{}] has an object header of version {}", where, version));
  }
  const int flags = first.u8();
  const std::size_t width = std::size_t{1} << (flags & 3);
  const std::size_t skipped = ((flags & kTimes) != 0 ? 16 : 0) + (flags & kAttributeLimits ? 4 : 0);
  const std::size_t prefix = start.size() + skipped + width;
  const Bytes sizes = block(address, prefix, where, kWhat);
  FieldReader second(sizes, where, kWhat);
  second.skip(prefix - width);
  const std::uint64_t content = second.number(width);
  if (!source_.holds(address, content)) second.fail("says more bytes than the file has");

  Hdf5Object object;
  std::vector<Block> blocks;
  MessageReader reader(where, object, blocks);
  const auto read = [&](const Bytes& bytes, std::size_t begin) {
    check_hdf5_checksum(bytes, where, kWhat);
    reader.read_v2(ByteSpan(bytes).subspan(begin, bytes.size() - begin - kChecksum),
                   (flags & kOrder) != 0);
  };
  read(block(address, prefix + content + kChecksum, where, kWhat), prefix);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Bytes bytes = block(blocks[i].address, blocks[i].size, where, kWhat);
    FieldReader(bytes, where, kWhat).signature("OCHK");
    if (bytes.size() < kSignature + kChecksum) second.fail("ends too early");
    read(bytes, kSignature);
  }
  return object;
}

}  // namespace banach::formats
