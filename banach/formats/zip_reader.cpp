#include <banach/core/errors.hpp>
#include <banach/formats/zip.hpp>
#include <banach/formats/zip_name.hpp>

#include <algorithm>
#include <fmt/format.h>

#include <zip.h>

namespace banach::formats {
namespace {

constexpr std::uint64_t kMaxDeflateRatio = 1032;  // zlib, "Maximum Compression Factor"
constexpr std::int64_t kMaxMembers = 65'535;

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw Corruption(fmt::format("[{}] {}", name, what));
}

[[noreturn]] void fail(const std::string& name, const std::string& what, zip_error_t& error) {
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  fail(name, fmt::format("{}: {}", what, reason));
}

// The bytes stay the caller's.
zip_t* open_archive(ByteSpan bytes, const std::string& name) {
  if (bytes.empty()) fail(name, "expected a ZIP archive, received an empty file");
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source == nullptr) fail(name, "cannot read the ZIP archive", error);
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  if (archive == nullptr) {
    zip_source_free(source);
    fail(name, "expected a ZIP archive, received a file that is none or is damaged", error);
  }
  zip_error_fini(&error);
  return archive;
}

void check_method(const zip_stat_t& status, const std::string& name) {
  if (status.encryption_method != ZIP_EM_NONE) {
    throw NotSupported(fmt::format("[{}/{}] is encrypted", name, status.name));
  }
  if (status.comp_method != ZIP_CM_STORE && status.comp_method != ZIP_CM_DEFLATE) {
    throw NotSupported(
        fmt::format("[{}/{}] expected a stored or deflated member, received method {}", name,
                    status.name, status.comp_method));
  }
}

void check_sizes(const zip_stat_t& status, const std::string& name) {
  const bool stored = status.comp_method == ZIP_CM_STORE;
  const bool possible =
      stored ? status.size == status.comp_size : status.size / kMaxDeflateRatio <= status.comp_size;
  if (!possible) {
    fail(name, fmt::format("member '{}' declares {} bytes, more than its {} stored bytes can give",
                           status.name, status.size, status.comp_size));
  }
}

ZipMember inspect(zip_t* archive, std::uint64_t index, const std::string& name) {
  constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                   ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_stat_index(archive, index, 0, &status) != 0 || (status.valid & kNeeded) != kNeeded) {
    fail(name, fmt::format("the directory entry of member {} is damaged", index));
  }
  if (!is_safe_member_name(status.name)) {
    fail(name,
         fmt::format("member {} has an unsafe name: it must be a plain relative path", index));
  }
  check_method(status, name);
  check_sizes(status, name);
  return {status.name, status.size, status.comp_size};
}

// Adds without wrapping.
std::uint64_t saturated_sum(std::uint64_t a, std::uint64_t b) { return a + b < a ? ~0ull : a + b; }

// Members that overlap (Fifield 2019, "A better zip bomb") claim more bytes than the file has.
void check_totals(const std::vector<ZipMember>& members, std::uint64_t archive_size,
                  std::uint64_t max_bytes, const std::string& name) {
  std::uint64_t stored = 0, unpacked = 0;
  for (const ZipMember& member : members) {
    stored = saturated_sum(stored, member.stored_size);
    unpacked = saturated_sum(unpacked, member.size);
  }
  if (stored > archive_size) fail(name, "the members overlap");
  if (unpacked > max_bytes) {
    fail(name, fmt::format("unpacks to {} bytes, more than the {} allowed", unpacked, max_bytes));
  }
}

void check_unique(const std::vector<ZipMember>& members, const std::string& name) {
  std::vector<std::string_view> names;
  for (const ZipMember& member : members) names.push_back(member.name);
  std::ranges::sort(names);
  const auto repeated = std::ranges::adjacent_find(names);
  if (repeated != names.end()) fail(name, fmt::format("member '{}' appears twice", *repeated));
}

Bytes read_all(zip_file_t* file, const ZipMember& member, const std::string& name) {
  const auto damaged = [&] { fail(name, fmt::format("member '{}' is damaged", member.name)); };
  Bytes bytes(std::min<std::uint64_t>(member.size, kTrustedBytes));
  std::uint64_t filled = 0;
  while (filled < member.size) {
    if (filled == bytes.size()) bytes.resize(std::min<std::uint64_t>(member.size, 2 * filled));
    const auto count = zip_fread(file, bytes.data() + filled, bytes.size() - filled);
    if (count <= 0) damaged();
    filled += static_cast<std::uint64_t>(count);
  }
  std::byte beyond;  // the attempt makes libzip compare the CRC
  if (zip_fread(file, &beyond, 1) != 0) damaged();
  return bytes;
}

}  // namespace

ZipReader::ZipReader(Bytes bytes, std::string name, std::uint64_t max_bytes)
    : bytes_(std::move(bytes)),
      name_(std::move(name)),
      archive_(open_archive(bytes_, name_), zip_discard) {
  const std::int64_t count = zip_get_num_entries(archive_.get(), 0);
  if (count > kMaxMembers) {
    fail(name_, fmt::format("expected at most {} members, received {}", kMaxMembers, count));
  }
  for (std::int64_t i = 0; i < count; ++i) {
    members_.push_back(inspect(archive_.get(), static_cast<std::uint64_t>(i), name_));
  }
  check_unique(members_, name_);
  check_totals(members_, bytes_.size(), max_bytes, name_);
}

bool ZipReader::contains(const std::string& member) const {
  return zip_name_locate(archive_.get(), member.c_str(), 0) >= 0;
}

Bytes ZipReader::read(const std::string& member) {
  const std::int64_t index = zip_name_locate(archive_.get(), member.c_str(), 0);
  if (index < 0) throw NotFound(fmt::format("[{}] has no member '{}'", name_, member));
  const auto position = static_cast<std::uint64_t>(index);
  const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(
      zip_fopen_index(archive_.get(), position, 0), zip_fclose);
  if (file == nullptr) {
    fail(name_, fmt::format("cannot read member '{}': {}", member, zip_strerror(archive_.get())));
  }
  return read_all(file.get(), members_[position], name_);
}

}  // namespace banach::formats
