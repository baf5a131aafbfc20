#include <banach/core/library.hpp>

#include <dlfcn.h>

namespace banach {

namespace fs = std::filesystem;

fs::path library_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&library_folder), &info) == 0) return {};
  std::error_code error;
  fs::path file = fs::canonical(info.dli_fname, error);
  if (error) file = fs::read_symlink("/proc/self/exe", error);  // a program found through PATH
  return error ? fs::path() : file.parent_path();
}

}  // namespace banach
