#pragma once

#include <banach/formats/byte_source.hpp>

#include <map>
#include <string>
#include <vector>

namespace banach::formats {

/// An address that a file leaves open.
inline constexpr std::uint64_t kHdf5Undefined = ~std::uint64_t{0};

/// The kinds of message that an object's header may hold, as far as they are read.
namespace hdf5_message {
inline constexpr std::uint16_t kDataspace = 0x01, kLinkInfo = 0x02, kDatatype = 0x03, kLink = 0x06,
                               kFillValue = 0x05, kExternalFiles = 0x07, kLayout = 0x08,
                               kGroupInfo = 0x0A, kFilters = 0x0B, kAttribute = 0x0C,
                               kContinuation = 0x10, kSymbolTable = 0x11, kAttributeInfo = 0x15,
                               kLast = 0x18;
}

struct Hdf5Message {
  std::uint16_t type;
  Bytes data;
};

/// The header of a group or dataset.
struct Hdf5Object {
  std::vector<Hdf5Message> messages;

  const Hdf5Message* find(std::uint16_t type) const;  ///< the first; null when there is none
  bool is_group() const;
  bool is_dataset() const;
};

/// The structure of an HDF5 file: superblock, object headers, groups and heaps, each read once and
/// kept. What the file points to is read through block(), which checks that it is inside the file
/// and that all of it together is not more than the file holds, so that loops and overlaps end.
/// `where` is "file/path/inside", for messages. Not for concurrent use.
class Hdf5Metadata {
 public:
  explicit Hdf5Metadata(ByteSource source);

  const ByteSource& source() const { return source_; }
  std::uint64_t root() const { return root_; }
  const Hdf5Object& object(std::uint64_t address, const std::string& where);
  /// The members of a group: name -> address of the object's header. NotSupported for soft and
  /// external links.
  const std::map<std::string, std::uint64_t>& links(std::uint64_t address,
                                                    const std::string& where);
  /// Object `index` of the global heap collection at `address`.
  ByteSpan heap_object(std::uint64_t address, std::uint32_t index, const std::string& where);

 private:
  struct Collection {
    Bytes bytes;
    std::map<std::uint32_t, ByteSpan> objects;
  };
  using Links = std::map<std::string, std::uint64_t>;
  struct SymbolTable {
    Bytes heap;              // the names, which do not overlap
    std::size_t names_left;  // bytes of it that no link has
    Links links;
  };

  Bytes block(std::uint64_t address, std::uint64_t size, const std::string& where,
              const char* what);
  void read_superblock();
  Hdf5Object read_object(std::uint64_t address, const std::string& where);
  Hdf5Object read_object_v1(std::uint64_t address, const std::string& where);
  Hdf5Object read_object_v2(std::uint64_t address, const std::string& where);
  Links read_symbol_table(const Bytes& message, const std::string& where);
  void read_tree(std::uint64_t address, int level, SymbolTable& table, const std::string& where);
  void read_symbols(std::uint64_t address, SymbolTable& table, const std::string& where);
  Bytes read_local_heap(std::uint64_t address, const std::string& where);
  Collection read_collection(std::uint64_t address, const std::string& where);

  ByteSource source_;
  std::uint64_t root_ = 0;
  std::uint64_t budget_;  // bytes of metadata that may still be read
  std::map<std::uint64_t, Hdf5Object> objects_;
  std::map<std::uint64_t, Links> links_;
  std::map<std::uint64_t, Collection> collections_;
};

}  // namespace banach::formats
