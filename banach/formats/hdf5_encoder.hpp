#pragma once

#include <banach/core/dtype.hpp>
#include <banach/core/shape.hpp>
#include <banach/formats/field_writer.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// Structures of an HDF5 file in the oldest form of the format (superblock 0): what h5py writes by
/// default and Hdf5Metadata reads.
namespace banach::formats {

/// Where a string of an attribute lies; `collection` counts from the heap's begin.
struct Hdf5Reference {
  std::uint32_t length = 0, index = 0;
  std::uint64_t collection = 0;
};

/// The global heap: the strings of all attributes, in collections of 4096 bytes or more.
class Hdf5Heap {
 public:
  Hdf5Reference add(const std::string& text);
  Bytes bytes() const;  ///< whole collections

 private:
  void open(std::size_t object);
  void close(FieldWriter& fields) const;

  FieldWriter fields_;
  std::size_t start_ = 0, capacity_ = 0;  // of the last collection, which is open
  std::uint32_t index_ = 0;
};

struct Hdf5EncodedAttribute {
  std::string name;
  Bytes type, space, data;                // the data is not empty, or
  std::vector<Hdf5Reference> references;  // strings
};

Bytes encode_hdf5_type(DType dtype);
Bytes encode_hdf5_string_type();  ///< of any length, UTF-8
Bytes encode_hdf5_space(std::span<const std::int64_t> dims);

/// Headers and groups, one behind the other. Each function appends one and gives its address.
class Hdf5Encoder {
 public:
  struct Member {
    std::string name;
    std::uint64_t address;
  };
  struct Group {
    std::uint64_t header = 0, tree = 0, heap = 0;
  };
  using Attributes = std::vector<Hdf5EncodedAttribute>;

  /// Appends from `address` on, a multiple of 8; the global heap is at `heap`.
  Hdf5Encoder(std::uint64_t address, std::uint64_t heap) : start_(address), heap_(heap) {}

  /// The members are sorted by their names, byte by byte.
  Group group(const std::vector<Member>& members, const Attributes& attributes);
  /// The elements are at `data`, kHdf5Undefined when there are none.
  std::uint64_t dataset(const Shape& shape, DType dtype, std::uint64_t data,
                        const Attributes& attributes);

  std::uint64_t end() const { return start_ + fields_.size(); }
  const Bytes& bytes() const { return fields_.bytes(); }

 private:
  struct Message {
    std::uint16_t type;
    Bytes data;
  };
  struct Node {
    std::uint64_t address, last_name;  // an offset in the group's heap
  };

  std::uint64_t header(std::vector<Message> messages, const Attributes& attributes);
  Message attribute_message(const Hdf5EncodedAttribute& attribute) const;
  std::uint64_t local_heap(const std::vector<Member>& members, std::vector<std::uint64_t>& names);
  Node symbols(std::span<const Member> members, std::span<const std::uint64_t> names);
  Node tree_node(std::span<const Node> children, int level, std::uint64_t first_name, bool is_first,
                 bool is_last);
  std::uint64_t tree(const std::vector<Member>& members, const std::vector<std::uint64_t>& names);

  std::uint64_t start_, heap_;
  FieldWriter fields_;
};

/// The first bytes of a file that ends at `end`.
inline constexpr std::uint64_t kHdf5SuperblockSize = 96;
Bytes encode_hdf5_superblock(const Hdf5Encoder::Group& root, std::uint64_t end);

}  // namespace banach::formats
