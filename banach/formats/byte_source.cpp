#include <banach/core/errors.hpp>
#include <banach/formats/byte_source.hpp>
#include <banach/formats/posix.hpp>

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include <unistd.h>

namespace banach::formats {

ByteSource::ByteSource(const std::string& path) : name_(path) {
  RegularFile file = open_regular_file(path);
  size_ = file.size;
  file_ = std::make_shared<const Descriptor>(std::move(file.descriptor));
}

ByteSource::ByteSource(Bytes bytes, std::string name)
    : name_(std::move(name)),
      memory_(std::make_shared<const Bytes>(std::move(bytes))),
      size_(memory_->size()) {}

ByteSource ByteSource::range(std::uint64_t offset, std::uint64_t size, std::string name) const {
  if (!holds(offset, size)) {
    throw InvalidArgument(
        fmt::format("[{}] has no {} bytes from byte {} on: it has {}", name_, size, offset, size_));
  }
  ByteSource part = *this;
  part.name_ = std::move(name);
  part.offset_ += offset;
  part.size_ = size;
  return part;
}

void ByteSource::check(std::uint64_t offset, std::uint64_t size) const {
  if (holds(offset, size)) return;
  throw Corruption(fmt::format("[{}] expected {} bytes from byte {} on, but it has {}", name_, size,
                               offset, size_));
}

void ByteSource::read(std::uint64_t offset, std::span<std::byte> to) const {
  check(offset, to.size());
  if (file_ == nullptr) {
    if (!to.empty()) std::memcpy(to.data(), memory_->data() + offset_ + offset, to.size());
    return;
  }
  while (!to.empty()) {
    const auto position = static_cast<off_t>(offset_ + offset);
    const auto count = retry([&] { return ::pread(file_->get(), to.data(), to.size(), position); });
    if (count < 0) throw_system_error("read_file", "read", name_, errno);
    if (count == 0) throw IOError(fmt::format("[{}] became shorter while it was read", name_));
    to = to.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

Bytes ByteSource::read(std::uint64_t offset, std::uint64_t size) const {
  check(offset, size);  // before the allocation
  Bytes bytes(size);
  read(offset, bytes);
  return bytes;
}

}  // namespace banach::formats
