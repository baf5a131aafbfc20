#include <banach/core/errors.hpp>
#include <banach/formats/crc32c.hpp>
#include <banach/formats/field_reader.hpp>
#include <banach/formats/field_writer.hpp>
#include <banach/formats/record_file.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

// Format: tensorflow/core/lib/io/record_writer.h.
namespace banach::formats {
namespace {

constexpr std::string_view kWhere = "write_file";
constexpr std::size_t kHeader = 12, kFooter = 4, kManyBytes = std::size_t{64} << 10;
constexpr std::uint64_t kLargestRecord = std::uint64_t{256} << 20;

// A checksum of bytes that hold checksums of their own would be weak, so it is rotated and moved.
std::uint32_t masked_crc(ByteSpan bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return (crc >> 15 | crc << 17) + 0xa282ead8;
}

Descriptor create(const std::string& path) {
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC;
  Descriptor file(retry([&] { return ::open(path.c_str(), flags, 0666); }));
  if (file.get() < 0) throw_system_error(kWhere, "create", path, errno);
  return file;
}

}  // namespace

Bytes encode_record(ByteSpan bytes) {
  FieldWriter fields;
  fields.u64(bytes.size());
  fields.u32(masked_crc(fields.bytes()));
  fields.put(bytes);
  fields.u32(masked_crc(bytes));
  return fields.bytes();
}

RecordWriter::RecordWriter(const std::string& path) : path_(path), file_(create(path)) {}

RecordWriter::~RecordWriter() {
  try {
    if (file_.get() >= 0) flush();
  } catch (const Error&) {  // nobody to tell: who wants to know calls flush()
  }
}

void RecordWriter::add(ByteSpan record) {
  const Bytes encoded = encode_record(record);
  waiting_.insert(waiting_.end(), encoded.begin(), encoded.end());
  if (waiting_.size() >= kManyBytes) flush();
}

void RecordWriter::flush() {
  while (!waiting_.empty()) {
    const auto count =
        retry([&] { return ::write(file_.get(), waiting_.data(), waiting_.size()); });
    if (count < 0) throw_system_error(kWhere, "write", path_, errno);
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  }
}

std::string RecordReader::where() const {
  return fmt::format("{}, the record at byte {}", source_.name(), begin_);
}

void RecordReader::fail(const std::string& reason) const {
  throw Corruption(fmt::format("[{}] {}", where(), reason));
}

std::optional<Bytes> RecordReader::next() {
  begin_ = end_;
  const std::uint64_t left = source_.size() - begin_;
  if (left == 0) return std::nullopt;
  if (left < kHeader) fail(fmt::format("ends too early: {} bytes of its length are there", left));
  const Bytes header = source_.read(begin_, kHeader);
  FieldReader fields(header, source_.name(), "the record's length");
  const std::uint64_t size = fields.u64();
  if (fields.u32() != masked_crc(ByteSpan(header).first(8))) {
    fail("the checksum of its length does not fit");
  }
  if (size > left - kHeader || left - kHeader - size < kFooter) {
    fail(fmt::format("ends too early: {} bytes and a checksum expected, {} bytes left", size,
                     left - kHeader));
  }
  if (size > kLargestRecord) {
    throw NotSupported(fmt::format("[{}] has {} bytes, more than 256 MiB", where(), size));
  }
  Bytes record = source_.read(begin_ + kHeader, size);
  const Bytes footer = source_.read(begin_ + kHeader + size, kFooter);
  if (FieldReader(footer, source_.name(), "the checksum").u32() != masked_crc(record)) {
    fail("its checksum does not fit");
  }
  end_ = begin_ + kHeader + size + kFooter;
  return record;
}

}  // namespace banach::formats
