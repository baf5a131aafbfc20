#pragma once

#include <cli/data_spec.hpp>
#include <cli/picture_shape.hpp>

#include <banach/core/array.hpp>
#include <banach/datasets/idx_dataset.hpp>

#include <map>
#include <span>
#include <string>
#include <vector>

namespace banach::cli {

/// A data set that comes by name.
struct NamedDataset {
  const char* name;
  const char* about;
  const datasets::IdxDataset& (*dataset)();
};
std::span<const NamedDataset> named_datasets();
/// NotFound, with the nearest name.
const NamedDataset& find_dataset(const std::string& name);

struct SourceOptions {
  std::string target = {};               ///< a table's column to predict; by default the last
  std::vector<std::string> ignore = {};  ///< its columns to leave out
  bool has_target = true;                ///< false: unless it is named, a table has no target
  PictureShape pictures = {};            ///< how the pictures of a folder are read
};

/// What a data set, file or folder holds, as it lies there.
struct DataSource {
  std::string name;                     ///< for messages
  std::map<std::string, Array> arrays;  ///< "x", "y"; "x_train", ...; or a model's input names
  std::vector<std::string> class_names = {};
  std::vector<std::string> feature_names = {};
};

/// The name of a class, or its number when it has none.
std::string class_label(const std::vector<std::string>& class_names, std::int64_t label);

/// Which part of a source that has several a command takes when nothing is said.
enum class Part { train, test };
/// What the names of the arrays of the part that the spec names, else of `part`, end with: "_test",
/// or "" when the source is not divided.
std::string part_suffix(const DataSource& source, const DataSpec& spec, Part part);

/// NotFound for a source that is not there; UsageError for a suffix that holds no data; everything
/// that reading throws.
DataSource read_source(const DataSpec& spec, const SourceOptions& options);

}  // namespace banach::cli
