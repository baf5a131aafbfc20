#include <banach/core/errors.hpp>
#include <banach/formats/zip.hpp>
#include <banach/formats/zip_crc.hpp>
#include <banach/formats/zip_directory.hpp>
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

// Lets libzip read a ByteSource. Nothing may be thrown through libzip: a failure is an error of the
// archive.
struct SourceState {
  ByteSource source;
  std::uint64_t position = 0;
  zip_error_t error{};
};

zip_int64_t read_source(SourceState& state, void* to, zip_uint64_t size) {
  try {
    const std::uint64_t count = std::min(size, state.source.size() - state.position);
    state.source.read(state.position, {static_cast<std::byte*>(to), count});
    state.position += count;
    return static_cast<zip_int64_t>(count);
  } catch (...) {
    zip_error_set(&state.error, ZIP_ER_READ, 0);
    return -1;
  }
}

zip_int64_t seek_source(SourceState& state, void* data, zip_uint64_t size) {
  const auto to =
      zip_source_seek_compute_offset(state.position, state.source.size(), data, size, &state.error);
  if (to >= 0) state.position = static_cast<std::uint64_t>(to);
  return to < 0 ? -1 : 0;
}

zip_int64_t stat_source(const SourceState& state, void* data) {
  auto* status = static_cast<zip_stat_t*>(data);
  zip_stat_init(status);
  status->valid = ZIP_STAT_SIZE;
  status->size = state.source.size();
  return sizeof(*status);
}

zip_int64_t serve_source(void* user, void* data, zip_uint64_t size, zip_source_cmd_t command) {
  auto* state = static_cast<SourceState*>(user);
  switch (command) {
    case ZIP_SOURCE_OPEN: state->position = 0; return 0;
    case ZIP_SOURCE_READ: return read_source(*state, data, size);
    case ZIP_SOURCE_CLOSE: return 0;
    case ZIP_SOURCE_STAT: return stat_source(*state, data);
    case ZIP_SOURCE_ERROR: return zip_error_to_data(&state->error, data, size);
    case ZIP_SOURCE_FREE: delete state; return 0;
    case ZIP_SOURCE_SEEK: return seek_source(*state, data, size);
    case ZIP_SOURCE_TELL: return static_cast<zip_int64_t>(state->position);
    case ZIP_SOURCE_SUPPORTS: return ZIP_SOURCE_SUPPORTS_SEEKABLE;
    default: zip_error_set(&state->error, ZIP_ER_OPNOTSUPP, 0); return -1;
  }
}

zip_t* open_archive(const ByteSource& bytes) {
  const std::string& name = bytes.name();
  if (bytes.size() == 0) fail(name, "expected a ZIP archive, received an empty file");
  zip_error_t error;
  zip_error_init(&error);
  auto state = std::make_unique<SourceState>(SourceState{bytes});
  zip_source_t* source = zip_source_function_create(serve_source, state.get(), &error);
  if (source == nullptr) fail(name, "cannot read the ZIP archive", error);
  state.release();  // the source's now
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

void check_no_link(zip_t* archive, std::uint64_t index, const std::string& name) {
  constexpr std::uint32_t kTypeMask = 0170000, kLink = 0120000;  // of a POSIX mode
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  zip_file_get_external_attributes(archive, index, 0, &system, &attributes);
  if (system == ZIP_OPSYS_UNIX && (attributes >> 16 & kTypeMask) == kLink) {
    fail(name, fmt::format("member {} is a symbolic link", index));
  }
}

ZipMember inspect(zip_t* archive, std::uint64_t index, const ZipDirectoryEntry& entry,
                  const std::string& name) {
  constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                   ZIP_STAT_CRC | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_stat_index(archive, index, 0, &status) != 0 || (status.valid & kNeeded) != kNeeded) {
    fail(name, fmt::format("the directory entry of member {} is damaged", index));
  }
  const char* raw_name = zip_get_name(archive, index, ZIP_FL_ENC_RAW);
  if (raw_name == nullptr || entry.name != raw_name || !is_safe_member_name(entry.name)) {
    fail(name,
         fmt::format("member {} has an unsafe name: it must be a plain relative path in UTF-8",
                     index));
  }
  check_no_link(archive, index, name);
  check_method(status, name);
  check_sizes(status, name);
  if (entry.stored_size != status.comp_size) {
    fail(name, fmt::format("the directory entry of member {} is damaged", index));
  }
  return {entry.name, status.size, status.comp_size, status.comp_method == ZIP_CM_STORE,
          status.crc, entry.data};
}

// Adds without wrapping.
std::uint64_t saturated_sum(std::uint64_t a, std::uint64_t b) { return a + b < a ? ~0ull : a + b; }

void check_total(const std::vector<ZipMember>& members, std::uint64_t max_bytes,
                 const std::string& name) {
  std::uint64_t unpacked = 0;
  for (const ZipMember& member : members) unpacked = saturated_sum(unpacked, member.size);
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

std::uint32_t crc_of(const ByteSource& bytes) {
  constexpr std::uint64_t kPiece = 1 << 20;
  Bytes piece(std::min(kPiece, bytes.size()));
  std::uint32_t crc = 0;
  for (std::uint64_t at = 0; at < bytes.size(); at += kPiece) {
    const std::uint64_t size = std::min(kPiece, bytes.size() - at);
    bytes.read(at, {piece.data(), size});
    crc = zip_crc(crc, {piece.data(), size});
  }
  return crc;
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

ZipReader::ZipReader(ByteSource source, std::uint64_t max_bytes)
    : source_(std::move(source)), archive_(open_archive(source_), zip_discard) {
  const std::int64_t count = zip_get_num_entries(archive_.get(), 0);
  if (count > kMaxMembers) {
    fail(name(), fmt::format("expected at most {} members, received {}", kMaxMembers, count));
  }
  const std::vector<ZipDirectoryEntry> directory = read_zip_directory(source_);
  if (directory.size() != static_cast<std::uint64_t>(count)) {
    fail(name(), fmt::format("has {} members by its end record, and {} in its directory", count,
                             directory.size()));
  }
  for (std::size_t i = 0; i < directory.size(); ++i) {
    members_.push_back(inspect(archive_.get(), i, directory[i], name()));
  }
  check_unique(members_, name());
  check_total(members_, max_bytes, name());
}

const ZipMember& ZipReader::find(const std::string& member) const {
  const auto found = std::ranges::find(members_, member, &ZipMember::name);
  if (found == members_.end()) {
    throw NotFound(fmt::format("[{}] has no member '{}'", name(), member));
  }
  return *found;
}

bool ZipReader::contains(const std::string& member) const {
  return std::ranges::find(members_, member, &ZipMember::name) != members_.end();
}

Bytes ZipReader::read(const std::string& member) {
  const ZipMember& found = find(member);
  const auto index = static_cast<std::uint64_t>(&found - members_.data());
  const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(
      zip_fopen_index(archive_.get(), index, 0), zip_fclose);
  if (file == nullptr) {
    fail(name(), fmt::format("cannot read member '{}': {}", member, zip_strerror(archive_.get())));
  }
  return read_all(file.get(), found, name());
}

ByteSource ZipReader::open(const std::string& member) {
  const ZipMember& found = find(member);
  const std::string member_name = name() + "/" + member;
  if (!found.is_stored) return {read(member), member_name};
  ByteSource bytes = source_.range(found.data, found.size, member_name);
  if (crc_of(bytes) != found.crc) fail(name(), fmt::format("member '{}' is damaged", member));
  return bytes;
}

}  // namespace banach::formats
