#pragma once

namespace banach {

/// Whose formats these files are; Keras reads it from them.
inline constexpr const char* kKerasVersion = "3.15.1";

}  // namespace banach
