#pragma once

#include <filesystem>

namespace banach {

/// The folder of the shared library, or of the program when banach is linked statically; empty when
/// the system does not say.
std::filesystem::path library_folder();

}  // namespace banach
