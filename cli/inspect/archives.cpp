// ZIP archives, .keras and .npz among them, and gzip files.
#include <cli/inspect/describe.hpp>

#include <banach/core/fields.hpp>
#include <banach/formats/gzip.hpp>
#include <banach/formats/json.hpp>
#include <banach/formats/zip.hpp>
#include <banach/io/self_test.hpp>

#include <algorithm>

namespace banach::cli {
namespace {

using namespace formats;

constexpr const char* kMetadata = "metadata.json";
constexpr const char* kConfig = "config.json";
constexpr const char* kWeights = "model.weights.h5";
constexpr std::uint64_t kMaxUnpacked = std::uint64_t{1} << 30;

Json members_of(const ZipReader& archive) {
  Json::List list;
  for (const ZipMember& member : archive.members()) {
    list.push_back(Json::dict({{"name", member.name},
                               {"size", to_json(member.size)},
                               {"stored_size", to_json(member.stored_size)}}));
  }
  return list;
}

Json read_json(ZipReader& archive, const char* member) {
  const Bytes bytes = archive.read(member);
  return parse_json(as_text(bytes), archive.name() + "/" + member);
}

Json member_or_null(const Json& dict, const char* name) {
  const Json* found = dict.find(name);
  return found ? *found : Json();
}

Json describe_keras(ZipReader& archive, const InspectOptions& options) {
  const Json metadata = read_json(archive, kMetadata);
  const Json config = read_json(archive, kConfig);
  const Json compiled = member_or_null(config, "compile_config");
  Json result = Json::dict({{"format", "keras"},
                            {"keras_version", member_or_null(metadata, "keras_version")},
                            {"date_saved", member_or_null(metadata, "date_saved")},
                            {"class", member_or_null(config, "class_name")},
                            {"name", member_or_null(member_or_null(config, "config"), "name")},
                            {"compiled", !compiled.is_null()},
                            {"self_test", archive.contains(kSelfTestMember)},
                            {"members", members_of(archive)}});
  if (archive.contains(kWeights)) result["weights"] = hdf5_datasets(archive.open(kWeights));
  if (options.config) result["config"] = config;
  return result;
}

bool is_npz(const ZipReader& archive) {
  const auto is_npy = [](const ZipMember& member) { return member.name.ends_with(".npy"); };
  return !archive.members().empty() && std::ranges::all_of(archive.members(), is_npy);
}

Json describe_npz(ZipReader& archive) {
  Json::Dict arrays;
  for (const ZipMember& member : archive.members()) {
    arrays.emplace_back(member.name.substr(0, member.name.rfind('.')),
                        described_or_reason([&] { return npy_array(archive.open(member.name)); }));
  }
  return Json::dict(
      {{"format", "npz"}, {"arrays", std::move(arrays)}, {"members", members_of(archive)}});
}

}  // namespace

Json describe_zip(const ByteSource& source, const InspectOptions& options) {
  ZipReader archive(source);
  if (archive.contains(kConfig) && archive.contains(kMetadata)) {
    return describe_keras(archive, options);
  }
  if (is_npz(archive)) return describe_npz(archive);
  return Json::dict({{"format", "zip"}, {"members", members_of(archive)}});
}

// Of a gzip file within it only that it is one: there are files that unpack to themselves.
Json describe_gzip(const ByteSource& source, const InspectOptions& options) {
  Bytes content = gunzip(source.read(0, source.size()), source.name(), kMaxUnpacked);
  Json result = Json::dict({{"format", "gzip"}, {"unpacked_size", to_json(content.size())}});
  if (is_gzip(content)) {
    result["content"] = Json::dict({{"format", "gzip"}});
    return result;
  }
  std::string name = source.name().substr(source.name().rfind('/') + 1);
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  const ByteSource unpacked(std::move(content), source.name() + "/" + name);
  result["content"] = described_or_reason([&] { return describe(unpacked, options); });
  return result;
}

}  // namespace banach::cli
