#pragma once

#include <banach/core/errors.hpp>
#include <banach/core/json.hpp>
#include <banach/formats/byte_source.hpp>

#include <string>

namespace banach::cli {

struct InspectOptions {
  std::string file;
  bool config = false;  ///< with the configs that the file holds
  bool json = false;    ///< in one line
};

/// What is in a file, told by its first bytes, or by its name where the format has no sign of its
/// own: a dict that begins with "format". Corruption and NotSupported, naming file and reason.
Json describe(const formats::ByteSource& source, const InspectOptions& options);

// One for each row of the table in inspect.cpp.
Json describe_zip(const formats::ByteSource& source, const InspectOptions& options);
Json describe_gzip(const formats::ByteSource& source, const InspectOptions& options);
Json describe_hdf5(const formats::ByteSource& source, const InspectOptions& options);
Json describe_npy(const formats::ByteSource& source, const InspectOptions& options);
Json describe_safetensors(const formats::ByteSource& source, const InspectOptions& options);
Json describe_idx(const formats::ByteSource& source, const InspectOptions& options);
Json describe_png(const formats::ByteSource& source, const InspectOptions& options);
Json describe_csv(const formats::ByteSource& source, const InspectOptions& options);
Json describe_events(const formats::ByteSource& source, const InspectOptions& options);
Json describe_json(const formats::ByteSource& source, const InspectOptions& options);

/// Path, shape and dtype of every dataset of an HDF5 file.
Json hdf5_datasets(const formats::ByteSource& source);
/// Shape and dtype of an .npy file, from its header and its length.
Json npy_array(const formats::ByteSource& source);

/// What `describe_part` gives of a part of a file, or {"not_read": reason} for what is valid and
/// not read.
template <class F>
Json described_or_reason(F describe_part) {
  try {
    return describe_part();
  } catch (const NotSupported& error) {
    return Json::dict({{"not_read", error.what()}});
  }
}

}  // namespace banach::cli
