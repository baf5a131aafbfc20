#pragma once

#include <banach/core/array.hpp>
#include <banach/formats/file.hpp>

#include <map>
#include <string>

namespace banach::formats {

/// The arrays of an .npz archive (numpy.savez, numpy.savez_compressed) by name, without ".npy".
/// Everything parse_npy and ZipReader throw.
std::map<std::string, Array> parse_npz(Bytes bytes, const std::string& name);
std::map<std::string, Array> load_npz(const std::string& path);

/// An archive that numpy.load reads; `compressed` deflates the members.
Bytes write_npz(const std::map<std::string, Array>& arrays, bool compressed = false);
/// The same into a file, atomically (write_file_atomic).
void save_npz(const std::string& path, const std::map<std::string, Array>& arrays,
              bool compressed = false);

}  // namespace banach::formats
