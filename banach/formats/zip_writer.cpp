#include <banach/core/errors.hpp>
#include <banach/formats/zip.hpp>
#include <banach/formats/zip_name.hpp>

#include <fmt/format.h>

#include <zip.h>

namespace banach::formats {
namespace {

constexpr zip_uint16_t kFirstDosDate = (1 << 5) | 1;  // 1980-01-01, so that saving repeats
constexpr std::size_t kEmptyArchive = 22;             // an end record alone

using Source = std::unique_ptr<zip_source_t, void (*)(zip_source_t*)>;
using Archive = std::unique_ptr<zip_t, void (*)(zip_t*)>;

[[noreturn]] void fail(const std::string& what, const char* reason) {
  throw IOError(fmt::format("[write_zip] {}: {}", what, reason));
}

Source make_source(ByteSpan bytes) {
  Source source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr), zip_source_free);
  if (source == nullptr) throw std::bad_alloc();
  return source;
}

void add(zip_t* archive, const ZipEntry& entry) {
  if (!is_safe_member_name(entry.name)) {
    throw InvalidArgument(fmt::format(
        "[write_zip] expected a plain relative path as member name, received '{}'", entry.name));
  }
  Source source = make_source(entry.bytes);
  const auto index = zip_file_add(archive, entry.name.c_str(), source.get(), ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    throw InvalidArgument(
        fmt::format("[write_zip] cannot add '{}': {}", entry.name, zip_strerror(archive)));
  }
  source.release();  // the archive's now
  const auto position = static_cast<zip_uint64_t>(index);
  const zip_int32_t method = entry.deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE;
  if (zip_set_file_compression(archive, position, method, 6) != 0 ||
      zip_file_set_dostime(archive, position, 0, kFirstDosDate, 0) != 0) {
    fail(entry.name, zip_strerror(archive));
  }
}

Bytes content(zip_source_t* source) {
  zip_stat_t status;
  if (zip_source_stat(source, &status) != 0 || zip_source_open(source) != 0) {
    fail("cannot read the archive back", zip_error_strerror(zip_source_error(source)));
  }
  Bytes bytes(status.size);
  const auto count = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (count != static_cast<zip_int64_t>(bytes.size()))
    fail("cannot read the archive back", "short");
  return bytes;
}

// libzip deletes an archive without members instead of writing it.
Bytes empty_archive() {
  Bytes bytes(kEmptyArchive);
  const std::string_view signature = "PK\x05\x06";
  std::ranges::copy(as_bytes(signature), bytes.begin());
  return bytes;
}

}  // namespace

Bytes write_zip(const std::vector<ZipEntry>& entries) {
  if (entries.empty()) return empty_archive();
  const Source target = make_source({});
  zip_source_keep(target.get());  // zip_close and zip_discard give one reference up
  Archive archive(zip_open_from_source(target.get(), ZIP_TRUNCATE, nullptr), zip_discard);
  if (archive == nullptr) {
    zip_source_free(target.get());
    throw std::bad_alloc();
  }
  for (const ZipEntry& entry : entries) add(archive.get(), entry);
  if (zip_close(archive.get()) != 0) fail("cannot write", zip_strerror(archive.get()));
  archive.release();
  return content(target.get());
}

}  // namespace banach::formats
