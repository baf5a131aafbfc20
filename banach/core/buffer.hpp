#pragma once

#include <cstddef>
#include <memory>

namespace banach {

/// A handle to bytes of host or device memory; copies and slices share the owner.
class Buffer {
 public:
  Buffer() = default;
  Buffer(std::shared_ptr<std::byte> data, std::size_t size) : data_(std::move(data)), size_(size) {}

  /// Zeroed host memory, 64-byte aligned; large blocks ask for huge pages. RuntimeError: too much.
  static Buffer allocate(std::size_t bytes);
  /// The same for what lives long and is read again and again, such as weights and activations:
  /// huge pages throughout. Small blocks share one, given back when the last of them is.
  static Buffer allocate_lasting(std::size_t bytes);
  /// Memory of somebody else; it must outlive the handle.
  static Buffer borrow(const void* data, std::size_t bytes);

  std::byte* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  /// True when no other handle can see these bytes and they are ours to write.
  bool is_exclusive() const;
  Buffer slice(std::size_t offset, std::size_t bytes) const {
    return {std::shared_ptr<std::byte>(data_, data_.get() + offset), bytes};
  }

 private:
  std::shared_ptr<std::byte> data_;
  std::size_t size_ = 0;
};

}  // namespace banach
