#pragma once

#include <banach/core/array.hpp>
#include <banach/formats/file.hpp>

#include <string>

namespace banach::formats {

/// Pixels that one picture may have in memory, unless told otherwise: 18,900 x 18,900 in colour.
inline constexpr std::uint64_t kMaxImageBytes = std::uint64_t{1} << 30;

/// True when the bytes begin as a PNG file does.
bool is_png(ByteSpan bytes);

/// The picture in a PNG file (ISO/IEC 15948): uint8 (height, width, channels), of 1 gray, 2 gray
/// and alpha, 3 red, green, blue, or 4 with alpha. Palettes become colours, transparent colours
/// become alpha, few bits are spread over 0 to 255, of 16 bits the upper 8 are kept, as PIL and
/// TensorFlow do; colour profiles and texts are not looked at. Corruption, naming the file as
/// `name`, when a CRC is wrong, the file ends early, or it declares more pixels than its bytes can
/// hold or than `max_bytes`. Bytes behind the picture's end are ignored.
Array parse_png(ByteSpan bytes, const std::string& name, std::uint64_t max_bytes = kMaxImageBytes);
/// The same from a file; also everything read_file throws.
Array load_png(const std::string& path, std::uint64_t max_bytes = kMaxImageBytes);

/// The PNG file of a picture, uint8 (height, width) or (height, width, 1 to 4 channels) as
/// parse_png gives them; InvalidArgument for any other array.
Bytes write_png(const Array& image);
/// The same into a file, atomically (write_file_atomic).
void save_png(const std::string& path, const Array& image);

}  // namespace banach::formats
