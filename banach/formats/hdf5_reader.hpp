#pragma once

#include <banach/core/array.hpp>
#include <banach/core/json.hpp>
#include <banach/formats/byte_source.hpp>

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace banach::formats {

class Hdf5Metadata;
struct Hdf5Object;
struct StoredType;

struct Hdf5Dataset {
  Shape shape;
  DType dtype;
};

/// The same with the type that the file has, "float16" or "string", of whatever dataset.
struct Hdf5StoredDataset {
  Shape shape;
  std::string dtype;
};

/// An HDF5 file as Keras and h5py write it (.h5, .weights.h5, a member of .keras), read by our own
/// bounded reader: libhdf5 1.10.8 crashes or hangs on files with a single wrong bit.
///
/// Paths are "layers/dense/vars/0"; "" is the root. What is read: groups of hard links; datasets
/// and attributes of integers, float16/32/64, bfloat16 (as Keras stores it), bools and, in
/// attributes, strings; elements stored in one piece, in the header or in chunks, deflated and
/// shuffled. Types that Array has not become the next wider one: int8, int16 and uint16 int32;
/// uint32 and uint64 int64.
///
/// Errors name file, path and reason: Corruption for a file that contradicts the format,
/// NotSupported for valid HDF5 that is not read (soft and external links, data in other files,
/// virtual datasets, other filters and types, what libver='latest' writes for large groups),
/// NotFound for a path that does not exist. Memory: the metadata, and one dataset at a time. Not
/// for concurrent use.
class Hdf5Reader {
 public:
  explicit Hdf5Reader(const std::string& path) : Hdf5Reader(ByteSource(path)) {}
  /// Reads in place: a member of an archive is the archive's range().
  explicit Hdf5Reader(ByteSource source);
  Hdf5Reader(Hdf5Reader&& other) noexcept;
  Hdf5Reader& operator=(Hdf5Reader&& other) noexcept;
  ~Hdf5Reader();

  const std::string& name() const;  ///< the file's, as errors call it

  bool contains(const std::string& path);
  bool is_group(const std::string& path);
  bool is_dataset(const std::string& path);
  std::vector<std::string> members(const std::string& path);  ///< names in a group, sorted
  /// Paths of all datasets below a group, sorted. Corruption when a group is its own member.
  std::vector<std::string> datasets(const std::string& path = "");

  Hdf5Dataset info(const std::string& path);  ///< without reading the elements
  Hdf5StoredDataset stored_info(const std::string& path);
  Array read(const std::string& path);
  /// The same into memory that exists; InvalidArgument unless dtype and size are the dataset's.
  void read_into(const std::string& path, DType dtype, std::span<std::byte> to);

  std::vector<std::string> attributes(const std::string& path);  ///< their names, sorted
  /// A string, a number, a bool, or a list of them, row-major; null for h5py.Empty; nullopt when
  /// there is none of that name.
  std::optional<Json> attribute(const std::string& path, const std::string& name);
  /// A list of strings, or the parts `name`0, `name`1, ... into which Keras cuts a large one;
  /// nullopt when there is neither.
  std::optional<std::vector<std::string>> string_list(const std::string& path,
                                                      const std::string& name);

 private:
  std::optional<std::uint64_t> find(const std::string& path);
  const Hdf5Object& object(const std::string& path);
  const Hdf5Object& dataset(const std::string& path);
  StoredType type_of(const std::string& path);
  Shape shape_of(const std::string& path, const StoredType& type);
  void collect_datasets(const std::string& path, std::set<std::uint64_t>& groups,
                        std::vector<std::string>& paths);
  std::string where(const std::string& path) const;

  std::unique_ptr<Hdf5Metadata> metadata_;
};

}  // namespace banach::formats
