#include <banach/core/errors.hpp>
#include <banach/formats/field_reader.hpp>
#include <banach/formats/hdf5_metadata.hpp>

#include <algorithm>
#include <fmt/format.h>

// The members of a group: a symbol table, as h5py writes by default ("III.A" to "III.D" of the
// format), or link messages in the group's header.
namespace banach::formats {
namespace {

using Links = std::map<std::string, std::uint64_t>;

[[noreturn]] void refuse_link(const std::string& where, const std::string& name, const char* kind) {
  throw NotSupported(
      fmt::format("[{}/{}] is {} link, which is never followed: it may lead out of the file", where,
                  name, kind));
}

void add_link(Links& links, std::string name, std::uint64_t address, const std::string& where) {
  const bool valid = !name.empty() && name.find('/') == name.npos && name.find('\0') == name.npos;
  if (!valid) throw Corruption(fmt::format("[{}] a member's name is empty or has a '/'", where));
  if (!links.emplace(name, address).second) {
    throw Corruption(fmt::format("[{}] has the member '{}' twice", where, name));
  }
}

// The text at `offset` of a local heap, which ends with a zero byte.
std::string heap_text(const Bytes& heap, std::uint64_t offset, const std::string& where) {
  const std::string_view text = as_text(heap).substr(std::min<std::size_t>(offset, heap.size()));
  const std::size_t end = text.find('\0');
  if (end == text.npos) {
    throw Corruption(fmt::format("[{}] a member's name at byte {} leaves the heap, which has {}",
                                 where, offset, heap.size()));
  }
  return std::string(text.substr(0, end));
}

void add_link_message(const Bytes& message, Links& links, const std::string& where) {
  constexpr int kHasType = 0x08, kHasOrder = 0x04, kHasCharset = 0x10, kHard = 0, kSoft = 1;
  FieldReader fields(message, where, "a link message");
  if (const int version = fields.u8(); version != 1)
    fields.fail(fmt::format("version {}", version));
  const int flags = fields.u8();
  const int type = (flags & kHasType) != 0 ? fields.u8() : kHard;
  if ((flags & kHasOrder) != 0) fields.skip(8);
  if ((flags & kHasCharset) != 0) fields.skip(1);
  const std::uint64_t length = fields.number(std::size_t{1} << (flags & 3));
  std::string name(as_text(fields.take(length)));
  if (type != kHard) refuse_link(where, name, type == kSoft ? "a soft" : "an external");
  add_link(links, std::move(name), fields.u64(), where);
}

}  // namespace

const Links& Hdf5Metadata::links(std::uint64_t address, const std::string& where) {
  const auto known = links_.find(address);
  if (known != links_.end()) return known->second;
  const Hdf5Object& group = object(address, where);
  Links links;
  if (const Hdf5Message* table = group.find(hdf5_message::kSymbolTable)) {
    links = read_symbol_table(table->data, where);
  } else if (const Hdf5Message* info = group.find(hdf5_message::kLinkInfo)) {
    FieldReader fields(info->data, where, "a link info message");
    fields.skip(1);
    if ((fields.u8() & 1) != 0) fields.skip(8);
    if (fields.u64() != kHdf5Undefined) {
      throw NotSupported(fmt::format(
          "[{}] keeps its members in a fractal heap. Write the file with libver='earliest'",
          where));
    }
  } else if (!group.is_group()) {
    throw NotFound(fmt::format("[{}] is no group", where));
  }
  for (const Hdf5Message& message : group.messages) {
    if (message.type == hdf5_message::kLink) add_link_message(message.data, links, where);
  }
  return links_.emplace(address, std::move(links)).first->second;
}

Links Hdf5Metadata::read_symbol_table(const Bytes& message, const std::string& where) {
  FieldReader fields(message, where, "a symbol table message");
  const std::uint64_t tree = fields.u64();
  SymbolTable table{read_local_heap(fields.u64(), where), 0, {}};
  table.names_left = table.heap.size();
  constexpr int kAnyLevel = -1;
  read_tree(tree, kAnyLevel, table, where);
  return std::move(table.links);
}

Bytes Hdf5Metadata::read_local_heap(std::uint64_t address, const std::string& where) {
  constexpr const char* kWhat = "a local heap";
  const Bytes header = block(address, 32, where, kWhat);
  FieldReader fields(header, where, kWhat);
  fields.signature("HEAP");
  if (const int version = fields.u8(); version != 0)
    fields.fail(fmt::format("version {}", version));
  fields.skip(3);
  const std::uint64_t size = fields.u64();
  fields.skip(8);
  return block(fields.u64(), size, where, kWhat);
}

// Levels fall by one from a node to its children, so the depth is bounded; block() bounds the rest.
void Hdf5Metadata::read_tree(std::uint64_t address, int level, SymbolTable& table,
                             const std::string& where) {
  constexpr const char* kWhat = "a group's B-tree";
  constexpr std::size_t kHeader = 24, kEntry = 16;  // an entry is a key and a child
  const Bytes header = block(address, kHeader, where, kWhat);
  FieldReader start(header, where, kWhat);
  start.signature("TREE");
  if (const int type = start.u8(); type != 0) start.fail(fmt::format("has nodes of type {}", type));
  const int node_level = start.u8();
  if (level >= 0 && node_level != level) {
    start.fail(fmt::format("has a node of level {} where {} is due", node_level, level));
  }
  const std::size_t used = start.u16();
  const Bytes entries = block(address + kHeader, used * kEntry, where, kWhat);
  FieldReader fields(entries, where, kWhat);
  for (std::size_t i = 0; i < used; ++i) {
    fields.skip(8);
    const std::uint64_t child = fields.u64();
    if (node_level > 0) {
      read_tree(child, node_level - 1, table, where);
    } else {
      read_symbols(child, table, where);
    }
  }
}

void Hdf5Metadata::read_symbols(std::uint64_t address, SymbolTable& table,
                                const std::string& where) {
  constexpr const char* kWhat = "a symbol table";
  constexpr std::size_t kHeader = 8, kEntry = 40;
  constexpr std::uint32_t kSoftLink = 2;
  const Bytes header = block(address, kHeader, where, kWhat);
  FieldReader start(header, where, kWhat);
  start.signature("SNOD");
  if (const int version = start.u8(); version != 1) start.fail(fmt::format("version {}", version));
  start.skip(1);
  const std::size_t count = start.u16();
  const Bytes entries = block(address + kHeader, count * kEntry, where, kWhat);
  FieldReader fields(entries, where, kWhat);
  for (std::size_t i = 0; i < count; ++i) {
    std::string name = heap_text(table.heap, fields.u64(), where);
    if (name.size() > table.names_left) start.fail("has names that overlap");
    table.names_left -= name.size();
    const std::uint64_t target = fields.u64();
    const std::uint32_t kind = fields.u32();
    fields.skip(20);
    if (kind == kSoftLink) refuse_link(where, name, "a soft");
    add_link(table.links, std::move(name), target, where);
  }
}

}  // namespace banach::formats
