// BANACH_INSTALLED_DATA_DIR and BANACH_SOURCE_DATA_DIR come from CMake; both may be missing.
#include <banach/core/library.hpp>
#include <banach/datasets/search.hpp>

#include <cstdlib>
#include <filesystem>

namespace banach::datasets {
namespace {

namespace fs = std::filesystem;

fs::path environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

fs::path home(const char* variable, const char* below_home) {
  if (const fs::path set = environment(variable); set.is_absolute()) return set;
  const fs::path user = environment("HOME");
  return user.empty() ? user : user / below_home;
}

// Files of MNIST and Fashion-MNIST have the same names, so a folder's own name decides.
bool belongs_to(const fs::path& folder, const std::string& name) {
  const fs::path own = folder.has_filename() ? folder.filename() : folder.parent_path().filename();
  return own == name || (name == "mnist" && own != "fashion-mnist");
}

}  // namespace

std::vector<std::string> data_places(const std::string& name) {
  std::vector<std::string> places;
  if (const fs::path folder = environment("BANACH_DATA_DIR"); !folder.empty()) {
    places.push_back(folder / name);
    if (belongs_to(folder, name)) places.push_back(folder);
  }
  if (const fs::path keras = home("KERAS_HOME", ".keras"); !keras.empty()) {
    places.push_back(keras / "datasets" / (name + ".npz"));
    places.push_back(keras / "datasets" / name);
  }
  if (const fs::path library = library_folder(); !library.empty()) {
    places.push_back((library / "../share/banach" / name).lexically_normal());
    places.push_back((library / "../../share/banach" / name).lexically_normal());
  }
#ifdef BANACH_INSTALLED_DATA_DIR
  places.push_back(fs::path(BANACH_INSTALLED_DATA_DIR) / name);
#endif
#ifdef BANACH_SOURCE_DATA_DIR
  places.push_back(fs::path(BANACH_SOURCE_DATA_DIR) / name);
#endif
  places.push_back(fs::path("/usr/share/datasets") / name);
  return places;
}

std::string cache_folder(const std::string& name) {
  const fs::path cache = home("XDG_CACHE_HOME", ".cache");
  return cache.empty() ? "" : cache / "banach" / name;
}

}  // namespace banach::datasets
