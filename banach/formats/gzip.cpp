#include <banach/core/errors.hpp>
#include <banach/formats/gzip.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <new>

#include <zlib.h>

namespace banach::formats {
namespace {

constexpr std::size_t kMaxDeflateRatio = 1032;  // zlib, "Maximum Compression Factor"
constexpr std::size_t kLargestStep = std::numeric_limits<uInt>::max();

class Inflater {
 public:
  Inflater(ByteSpan bytes, const std::string& name, std::uint64_t max_bytes)
      : bytes_(bytes), name_(name), max_bytes_(max_bytes) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  Bytes run() {
    output_.resize(first_guess());
    while (used_ < bytes_.size()) {
      member();
      if (used_ < bytes_.size() && !is_gzip(bytes_.subspan(used_))) {
        fail(fmt::format("has {} bytes after its end", bytes_.size() - used_));
      }
      inflateReset(&stream_);
    }
    output_.resize(filled_);
    return std::move(output_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Corruption(fmt::format("[{}] the gzip file {}", name_, what));
  }

  // The length that the file's last four bytes declare (of the last member, modulo 2^32).
  std::size_t first_guess() const {
    std::size_t declared = 0;
    for (std::size_t i = 1; i <= 4; ++i) {
      declared = declared << 8 | std::to_integer<std::size_t>(bytes_[bytes_.size() - i]);
    }
    const std::size_t possible = kMaxDeflateRatio * bytes_.size();
    return std::min<std::uint64_t>({declared + 1, possible, max_bytes_, kTrustedBytes});
  }

  void member() {
    int status = Z_OK;
    while (status != Z_STREAM_END) {
      if (filled_ == output_.size()) grow();
      status = step();
      if (filled_ > max_bytes_) {
        fail(fmt::format("unpacks to more than the {} bytes allowed", max_bytes_));
      }
      if (status == Z_BUF_ERROR && used_ == bytes_.size()) fail("ends too early: it is truncated");
      if (status == Z_MEM_ERROR) throw std::bad_alloc();
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
        fail(fmt::format("is damaged near byte {}: {}", used_,
                         stream_.msg == nullptr ? "not a gzip stream" : stream_.msg));
      }
    }
  }

  // Up to one byte more than allowed, to see whether there is more.
  void grow() {
    const std::uint64_t wanted = std::max<std::uint64_t>(2 * output_.size(), 1 << 16);
    output_.resize(std::min(wanted, max_bytes_ + 1));
  }

  int step() {
    const std::size_t input = std::min(bytes_.size() - used_, kLargestStep);
    const std::size_t room = std::min(output_.size() - filled_, kLargestStep);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes_.data() + used_));
    stream_.avail_in = static_cast<uInt>(input);
    stream_.next_out = reinterpret_cast<Bytef*>(output_.data() + filled_);
    stream_.avail_out = static_cast<uInt>(room);
    const int status = inflate(&stream_, Z_NO_FLUSH);
    used_ += input - stream_.avail_in;
    filled_ += room - stream_.avail_out;
    return status;
  }

  ByteSpan bytes_;
  const std::string& name_;
  std::uint64_t max_bytes_;
  z_stream stream_{};
  Bytes output_;
  std::size_t used_ = 0, filled_ = 0;
};

}  // namespace

bool is_gzip(ByteSpan bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

Bytes gunzip(ByteSpan bytes, const std::string& name, std::uint64_t max_bytes) {
  constexpr std::size_t kShortest = 18;  // header, empty block, CRC and length
  if (!is_gzip(bytes) || bytes.size() < kShortest) {
    throw Corruption(fmt::format("[{}] expected a gzip file, received {} bytes that are {}", name,
                                 bytes.size(), is_gzip(bytes) ? "too few" : "something else"));
  }
  return Inflater(bytes, name, std::min(max_bytes, kMaxBytes)).run();
}

}  // namespace banach::formats
