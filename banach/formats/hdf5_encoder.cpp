#include <banach/formats/hdf5_encoder.hpp>
#include <banach/formats/hdf5_metadata.hpp>

#include <algorithm>

namespace banach::formats {
namespace {

constexpr std::size_t kLeafHalf = 4, kTreeHalf = 16;  // K of the superblock; nodes hold 2 K

void put_integer_type(FieldWriter& fields, std::size_t size, bool is_signed) {
  fields.u8(0x10);  // version 1, class 0
  fields.number(is_signed ? 8 : 0, 3);
  fields.u32(size);
  fields.u16(0);  // from bit 0
  fields.u16(8 * size);
}

void put_float_type(FieldWriter& fields, std::size_t size, unsigned exponent, unsigned fraction,
                    std::uint32_t bias) {
  fields.u8(0x11);  // version 1, class 1
  fields.u8(0x20);  // little-endian, the leading one is implied
  fields.u8(8 * size - 1);
  fields.u8(0);
  fields.u32(size);
  fields.u16(0);
  fields.u16(8 * size);
  fields.u8(fraction);
  fields.u8(exponent);
  fields.u8(0);
  fields.u8(fraction);
  fields.u32(bias);
}

void put_bool_type(FieldWriter& fields) {
  fields.u8(0x18);  // version 1, class 8: an enumeration of two
  fields.number(2, 3);
  fields.u32(1);
  put_integer_type(fields, 1, true);
  fields.text(std::string_view("FALSE\0\0\0TRUE\0\0\0\0", 16));
  fields.u8(0);
  fields.u8(1);
}

void put_opaque_type(FieldWriter& fields, std::size_t size) {
  fields.u8(0x15);
  fields.number(0, 3);
  fields.u32(size);
}

}  // namespace

Bytes encode_hdf5_type(DType dtype) {
  FieldWriter fields;
  switch (dtype) {
    case float32: put_float_type(fields, 4, 8, 23, 127); break;
    case float64: put_float_type(fields, 8, 11, 52, 1023); break;
    case float16: put_float_type(fields, 2, 5, 10, 15); break;
    case int32: put_integer_type(fields, 4, true); break;
    case int64: put_integer_type(fields, 8, true); break;
    case uint8: put_integer_type(fields, 1, false); break;
    case boolean: put_bool_type(fields); break;
    case bfloat16: put_opaque_type(fields, 2); break;
  }
  return fields.bytes();
}

Bytes encode_hdf5_string_type() {
  FieldWriter fields;
  fields.u8(0x19);  // version 1, class 9
  fields.u8(1);     // a string that ends with a zero byte
  fields.u8(1);     // in UTF-8
  fields.u8(0);
  fields.u32(16);
  put_integer_type(fields, 1, false);
  return fields.bytes();
}

Bytes encode_hdf5_space(std::span<const std::int64_t> dims) {
  FieldWriter fields;
  fields.u8(1);
  fields.u8(dims.size());
  fields.zeros(6);
  for (const std::int64_t dim : dims) fields.u64(static_cast<std::uint64_t>(dim));
  return fields.bytes();
}

Bytes encode_hdf5_superblock(const Hdf5Encoder::Group& root, std::uint64_t end) {
  constexpr std::uint32_t kCachedTable = 1;
  FieldWriter fields;
  fields.text("\x89HDF\r\n\x1a\n");
  fields.zeros(5);  // versions
  fields.u8(8);     // bytes of an offset
  fields.u8(8);     // and of a length
  fields.u8(0);
  fields.u16(kLeafHalf);
  fields.u16(kTreeHalf);
  fields.u32(0);
  fields.u64(0);  // base address
  fields.u64(kHdf5Undefined);
  fields.u64(end);
  fields.u64(kHdf5Undefined);
  fields.u64(0);  // the root's name
  fields.u64(root.header);
  fields.u32(kCachedTable);
  fields.u32(0);
  fields.u64(root.tree);
  fields.u64(root.heap);
  return fields.bytes();
}

std::uint64_t Hdf5Encoder::dataset(const Shape& shape, DType dtype, std::uint64_t data,
                                   const Attributes& attributes) {
  FieldWriter fill;  // version 2, allocated late, written if set, the default
  for (const int value : {2, 2, 2, 1}) fill.u8(static_cast<std::uint64_t>(value));
  fill.u32(0);
  FieldWriter layout;
  layout.u8(3);
  layout.u8(1);  // in one piece
  layout.u64(data);
  layout.u64(static_cast<std::uint64_t>(shape.size()) * size_of(dtype));
  return header({{hdf5_message::kDataspace, encode_hdf5_space({shape.begin(), shape.end()})},
                 {hdf5_message::kDatatype, encode_hdf5_type(dtype)},
                 {hdf5_message::kFillValue, fill.bytes()},
                 {hdf5_message::kLayout, layout.bytes()}},
                attributes);
}

Hdf5Encoder::Group Hdf5Encoder::group(const std::vector<Member>& members,
                                      const Attributes& attributes) {
  Group group;
  std::vector<std::uint64_t> names;
  group.heap = local_heap(members, names);
  group.tree = tree(members, names);
  FieldWriter table;
  table.u64(group.tree);
  table.u64(group.heap);
  group.header = header({{hdf5_message::kSymbolTable, table.bytes()}}, attributes);
  return group;
}

std::uint64_t Hdf5Encoder::header(std::vector<Message> messages, const Attributes& attributes) {
  for (const auto& attribute : attributes) messages.push_back(attribute_message(attribute));
  FieldWriter body;
  for (const Message& message : messages) {
    body.u16(message.type);
    body.u16((message.data.size() + 7) / 8 * 8);
    body.zeros(4);
    body.put(message.data);
    body.align(8);
  }
  const std::uint64_t address = end();
  fields_.u8(1);
  fields_.u8(0);
  fields_.u16(messages.size());
  fields_.u32(1);  // one link
  fields_.u32(body.size());
  fields_.zeros(4);
  fields_.put(body.bytes());
  return address;
}

Hdf5Encoder::Message Hdf5Encoder::attribute_message(const Hdf5EncodedAttribute& attribute) const {
  FieldWriter fields;
  fields.u8(1);
  fields.u8(0);
  fields.u16(attribute.name.size() + 1);
  fields.u16(attribute.type.size());
  fields.u16(attribute.space.size());
  fields.text(attribute.name);
  fields.u8(0);
  fields.align(8);
  fields.put(attribute.type);
  fields.align(8);
  fields.put(attribute.space);
  fields.align(8);
  fields.put(attribute.data);
  for (const Hdf5Reference& reference : attribute.references) {
    fields.u32(reference.length);
    fields.u64(reference.length == 0 ? 0 : heap_ + reference.collection);
    fields.u32(reference.index);
  }
  return {hdf5_message::kAttribute, fields.bytes()};
}

// The empty name comes first: it is smaller than all others.
std::uint64_t Hdf5Encoder::local_heap(const std::vector<Member>& members,
                                      std::vector<std::uint64_t>& names) {
  constexpr std::uint64_t kHeader = 32, kNothingFree = 1;
  FieldWriter segment;
  segment.u64(0);
  for (const Member& member : members) {
    names.push_back(segment.size());
    segment.text(member.name);
    segment.u8(0);
    segment.align(8);
  }
  const std::uint64_t address = end();
  fields_.text("HEAP");
  fields_.zeros(4);
  fields_.u64(segment.size());
  fields_.u64(kNothingFree);
  fields_.u64(address + kHeader);
  fields_.put(segment.bytes());
  return address;
}

Hdf5Encoder::Node Hdf5Encoder::symbols(std::span<const Member> members,
                                       std::span<const std::uint64_t> names) {
  constexpr std::size_t kEntry = 40;
  const Node node{end(), names.back()};
  fields_.text("SNOD");
  fields_.u8(1);
  fields_.u8(0);
  fields_.u16(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    fields_.u64(names[i]);
    fields_.u64(members[i].address);
    fields_.zeros(kEntry - 16);  // nothing cached
  }
  fields_.zeros((2 * kLeafHalf - members.size()) * kEntry);
  return node;
}

// A key before each child and one at the end; names in a child are above the key before it, up to
// the one behind.
Hdf5Encoder::Node Hdf5Encoder::tree_node(std::span<const Node> children, int level,
                                         std::uint64_t first_name, bool is_first, bool is_last) {
  constexpr std::uint64_t kSize = 32 + 2 * kTreeHalf * 16;
  const Node node{end(), children.empty() ? 0 : children.back().last_name};
  fields_.text("TREE");
  fields_.u8(0);
  fields_.u8(static_cast<std::uint64_t>(level));
  fields_.u16(children.size());
  fields_.u64(is_first ? kHdf5Undefined : node.address - kSize);  // the node on the left,
  fields_.u64(is_last ? kHdf5Undefined : node.address + kSize);   // and on the right
  fields_.u64(first_name);
  for (const Node& child : children) {
    fields_.u64(child.address);
    fields_.u64(child.last_name);
  }
  fields_.zeros((2 * kTreeHalf - children.size()) * 16);
  return node;
}

std::uint64_t Hdf5Encoder::tree(const std::vector<Member>& members,
                                const std::vector<std::uint64_t>& names) {
  std::vector<Node> nodes;
  for (std::size_t i = 0; i < members.size(); i += 2 * kLeafHalf) {
    const std::size_t count = std::min(2 * kLeafHalf, members.size() - i);
    nodes.push_back(
        symbols(std::span(members).subspan(i, count), std::span(names).subspan(i, count)));
  }
  for (int level = 0;; ++level) {
    std::vector<Node> parents;
    std::uint64_t first_name = 0;
    for (std::size_t i = 0; i < nodes.size() || parents.empty(); i += 2 * kTreeHalf) {
      const std::size_t count = std::min(2 * kTreeHalf, nodes.size() - i);
      const bool is_first = i == 0, is_last = i + count == nodes.size();
      parents.push_back(
          tree_node(std::span(nodes).subspan(i, count), level, first_name, is_first, is_last));
      first_name = parents.back().last_name;
    }
    if (parents.size() == 1) return parents.front().address;
    nodes = std::move(parents);
  }
}

}  // namespace banach::formats
