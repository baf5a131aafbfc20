#include <banach/core/errors.hpp>
#include <banach/formats/npy.hpp>
#include <banach/formats/npz.hpp>
#include <banach/formats/zip.hpp>

#include <fmt/format.h>

namespace banach::formats {
namespace {

constexpr std::string_view kSuffix = ".npy";

std::string key_of(const std::string& member, const std::string& name) {
  if (member.size() > kSuffix.size() && member.ends_with(kSuffix)) {
    return member.substr(0, member.size() - kSuffix.size());
  }
  throw Corruption(
      fmt::format("[{}] expected members that end in '.npy', received '{}'", name, member));
}

}  // namespace

std::map<std::string, Array> parse_npz(Bytes bytes, const std::string& name) {
  ZipReader archive(std::move(bytes), name);
  std::map<std::string, Array> arrays;
  for (const ZipMember& member : archive.members()) {
    const std::string key = key_of(member.name, name);
    arrays.emplace(key, parse_npy(archive.read(member.name), name + "/" + member.name));
  }
  return arrays;
}

std::map<std::string, Array> load_npz(const std::string& path) {
  return parse_npz(read_file(path), path);
}

Bytes write_npz(const std::map<std::string, Array>& arrays, bool compressed) {
  std::vector<ZipEntry> entries;
  for (const auto& [key, array] : arrays) {
    entries.push_back({key + std::string(kSuffix), write_npy(array), compressed});
  }
  return write_zip(entries);
}

void save_npz(const std::string& path, const std::map<std::string, Array>& arrays,
              bool compressed) {
  write_file_atomic(path, write_npz(arrays, compressed));
}

}  // namespace banach::formats
