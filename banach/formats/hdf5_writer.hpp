#pragma once

#include <banach/core/array.hpp>
#include <banach/core/json.hpp>
#include <banach/formats/file.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace banach::formats {

/// An HDF5 file that h5py and Keras read, in the form that h5py writes by default. First it is
/// described, then written in one pass, byte for byte the same each time; nothing but the
/// description is held in memory, and arrays share their buffers.
///
/// Paths are "layers/dense/vars/0"; groups on the way are made. A bfloat16 dataset is stored as
/// Keras stores it (opaque, attribute dtype = "bfloat16"), a bool as h5py does. InvalidArgument for
/// a path or name that is empty, has an empty part or a zero byte, or is there already.
class Hdf5Writer {
 public:
  Hdf5Writer();
  Hdf5Writer(Hdf5Writer&& other) noexcept;
  Hdf5Writer& operator=(Hdf5Writer&& other) noexcept;
  ~Hdf5Writer();

  void group(const std::string& path);  ///< may be there already; "" is the root
  void dataset(const std::string& path, Array values);
  /// The same with values that are made when they are written, and then let go.
  void dataset(const std::string& path, Shape shape, DType dtype, std::function<Array()> values);
  /// A string, a bool, a number or a list of strings. InvalidArgument for others, and beyond 64 KB;
  /// a string may be of any length.
  void attribute(const std::string& path, const std::string& name, const Json& value);
  /// A list of strings, cut into `name`0, `name`1, ... where one would be larger than 64512 bytes
  /// (keras/src/legacy/saving/legacy_h5_format.py, save_attributes_to_hdf5_group).
  void string_list(const std::string& path, const std::string& name,
                   const std::vector<std::string>& strings);

  /// The whole file, piece by piece.
  void write(const ByteSink& sink) const;
  Bytes bytes() const;
  /// Into a file, atomically (AtomicFile).
  void save(const std::string& path) const;

 private:
  struct Object;
  struct Description;
  std::unique_ptr<Description> description_;
};

}  // namespace banach::formats
