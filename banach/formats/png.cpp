#include <banach/core/errors.hpp>
#include <banach/formats/png.hpp>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <new>
#include <type_traits>

#include <png.h>

namespace banach::formats {
namespace {

constexpr std::size_t kSignature = 8;
constexpr std::uint64_t kMaxDeflateRatio = 1032;  // zlib, "Maximum Compression Factor"
constexpr int kColorTypes[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                               PNG_COLOR_TYPE_RGB_ALPHA};  // of 1 to 4 channels

// What libpng says of its errors; it leaves by longjmp, so nothing here has a destructor.
using Message = std::array<char, 160>;

void keep_and_leave(png_structp png, png_const_charp text) {
  auto& message = *static_cast<Message*>(png_get_error_ptr(png));
  std::snprintf(message.data(), message.size(), "%s", text);
  png_longjmp(png, 1);
}

void ignore(png_structp, png_const_charp) {}

// Runs calls of libpng; false when one failed. A longjmp out of `step` comes back here, past no
// object with a destructor as long as `step` makes none.
template <class Step>
bool attempt(png_structp png, Step step) {
  static_assert(std::is_trivially_destructible_v<Step>);
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  step();
  return true;
}

struct Header {
  png_uint_32 height, width;
  int bit_depth, color_type, channels;  // channels of the result
};

class Decoder {
 public:
  Decoder(ByteSpan bytes, const std::string& name, std::uint64_t max_bytes)
      : rest_(bytes), size_(bytes.size()), name_(name), max_bytes_(std::min(max_bytes, kMaxBytes)) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &message_, keep_and_leave, ignore);
    if (png_ == nullptr) throw std::bad_alloc();
    info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
  }
  ~Decoder() { png_destroy_read_struct(&png_, &info_, nullptr); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  Array run() {
    if (!attempt(png_, [this] { read_header(); })) fail_damaged();
    check_size();
    Array image({header_.height, header_.width, header_.channels}, uint8);
    auto* pixels = static_cast<png_bytep>(image.mutable_raw());
    if (!attempt(png_, [this, pixels] { read_pixels(pixels); })) fail_damaged();
    return image;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Corruption(fmt::format("[{}] the PNG file {}", name_, what));
  }
  [[noreturn]] void fail_damaged() const {
    fail(fmt::format("is damaged near byte {}: {}", size_ - rest_.size(), message_.data()));
  }

  static void read(png_structp png, png_bytep to, std::size_t count) {
    auto& rest = *static_cast<ByteSpan*>(png_get_io_ptr(png));
    if (count > rest.size()) png_error(png, "it ends too early");
    std::memcpy(to, rest.data(), count);
    rest = rest.subspan(count);
  }

  void read_header() {
    png_set_read_fn(png_, &rest_, read);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // check_size has its own
    png_set_crc_action(png_, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);  // all but pixels
    png_read_info(png_, info_);
    png_get_IHDR(png_, info_, &header_.width, &header_.height, &header_.bit_depth,
                 &header_.color_type, nullptr, nullptr, nullptr);
    png_set_expand(png_);
    png_set_strip_16(png_);
    passes_ = png_set_interlace_handling(png_);
    const bool colors = (header_.color_type & PNG_COLOR_MASK_COLOR) != 0;
    const bool alpha = (header_.color_type & PNG_COLOR_MASK_ALPHA) != 0 ||
                       png_get_valid(png_, info_, PNG_INFO_tRNS) != 0;
    header_.channels = (colors ? 3 : 1) + (alpha ? 1 : 0);
  }

  // Before memory is taken: neither more than allowed nor more than so many bytes can unpack to.
  void check_size() const {
    const std::uint64_t pixels = std::uint64_t{header_.height} * header_.width;  // below 2^62
    const auto channels = static_cast<std::uint64_t>(header_.channels);
    if (pixels > max_bytes_ / channels) {
      fail(fmt::format("declares {} x {} pixels, more than the {} bytes allowed", header_.height,
                       header_.width, max_bytes_));
    }
    const auto bits = static_cast<std::uint64_t>(png_get_channels(png_, info_)) *
                      static_cast<std::uint64_t>(header_.bit_depth);
    if (pixels * bits / 8 > kMaxDeflateRatio * size_) {
      fail(fmt::format("declares {} x {} pixels, more than its {} bytes can hold", header_.height,
                       header_.width, size_));
    }
  }

  void read_pixels(png_bytep pixels) {
    png_read_update_info(png_, info_);
    const std::size_t row_bytes = png_get_rowbytes(png_, info_);
    if (row_bytes != std::size_t{header_.width} * static_cast<std::size_t>(header_.channels)) {
      png_error(png_, "rows of another length than announced");
    }
    for (int pass = 0; pass < passes_; ++pass) {
      for (std::size_t y = 0; y < header_.height; ++y) {
        png_read_row(png_, pixels + y * row_bytes, nullptr);
      }
    }
    png_read_end(png_, nullptr);  // the CRCs of what follows
  }

  ByteSpan rest_;
  std::size_t size_;
  const std::string& name_;
  std::uint64_t max_bytes_;
  Message message_{};
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  Header header_{};
  int passes_ = 1;
};

class Encoder {
 public:
  Encoder() {
    png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, &message_, keep_and_leave, ignore);
    if (png_ == nullptr) throw std::bad_alloc();
    info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_write_struct(&png_, nullptr);
      throw std::bad_alloc();
    }
  }
  ~Encoder() { png_destroy_write_struct(&png_, &info_); }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  Bytes run(const std::uint8_t* pixels, png_uint_32 height, png_uint_32 width, int channels) {
    const auto step = [=, this] { write_image(pixels, height, width, channels); };
    if (!attempt(png_, step)) {
      throw RuntimeError(fmt::format("[write_png] libpng failed: {}", message_.data()));
    }
    return std::move(output_);
  }

 private:
  static bool append(Bytes& output, png_const_bytep from, std::size_t count) noexcept {
    try {
      const auto bytes = std::as_bytes(std::span(from, count));
      output.insert(output.end(), bytes.begin(), bytes.end());
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

  static void write(png_structp png, png_bytep from, std::size_t count) {
    if (!append(*static_cast<Bytes*>(png_get_io_ptr(png)), from, count)) {
      png_error(png, "out of memory");
    }
  }

  static void flush(png_structp) {}

  void write_image(const std::uint8_t* pixels, png_uint_32 height, png_uint_32 width,
                   int channels) {
    png_set_write_fn(png_, &output_, write, flush);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(png_, info_, width, height, 8, kColorTypes[channels - 1], PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png_, info_);
    const std::size_t row_bytes = std::size_t{width} * static_cast<std::size_t>(channels);
    for (std::size_t y = 0; y < height; ++y) png_write_row(png_, pixels + y * row_bytes);
    png_write_end(png_, nullptr);
  }

  Bytes output_;
  Message message_{};
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

bool fits(std::int64_t side) { return side >= 1 && side <= std::int64_t{PNG_UINT_31_MAX}; }

}  // namespace

bool is_png(ByteSpan bytes) {
  return bytes.size() >= kSignature &&
         png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, kSignature) == 0;
}

Array parse_png(ByteSpan bytes, const std::string& name, std::uint64_t max_bytes) {
  if (!is_png(bytes)) {
    throw Corruption(fmt::format("[{}] expected a PNG file, received {} bytes that begin otherwise",
                                 name, bytes.size()));
  }
  return Decoder(bytes, name, max_bytes).run();
}

Array load_png(const std::string& path, std::uint64_t max_bytes) {
  return parse_png(read_file(path), path, max_bytes);
}

Bytes write_png(const Array& image) {
  const std::int64_t channels = image.rank() == 3 ? image.dim(2) : 1;
  if (image.dtype() != uint8 || image.rank() < 2 || image.rank() > 3 || channels < 1 ||
      channels > 4 || !fits(image.dim(0)) || !fits(image.dim(1))) {
    throw InvalidArgument(
        fmt::format("[write_png] expected a picture, uint8 (height, width) or (height, width, 1 to "
                    "4 channels), received {}",
                    image.str()));
  }
  return Encoder().run(image.values<std::uint8_t>().data(), static_cast<png_uint_32>(image.dim(0)),
                       static_cast<png_uint_32>(image.dim(1)), static_cast<int>(channels));
}

void save_png(const std::string& path, const Array& image) {
  write_file_atomic(path, write_png(image));
}

}  // namespace banach::formats
