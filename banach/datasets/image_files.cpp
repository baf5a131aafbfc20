#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/datasets/image_files.hpp>

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace banach::utils {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWhere = "image_dataset_from_directory";
constexpr std::string_view kEndings[] = {".png", ".jpg", ".jpeg", ".bmp", ".gif"};  // Keras' list

bool is_picture(const fs::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::ranges::find(kEndings, ending) != std::end(kEndings);
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

// What is in a folder, sorted and without what is hidden.
std::vector<fs::directory_entry> entries(const fs::path& folder) {
  std::vector<fs::directory_entry> result;
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      if (!is_hidden(entry.path())) result.push_back(entry);
    }
  } catch (const fs::filesystem_error& error) {
    throw IOError(
        fmt::format("[{}] cannot list '{}': {}", kWhere, folder.string(), error.code().message()));
  }
  std::ranges::sort(result, {}, [](const auto& entry) { return entry.path().string(); });
  return result;
}

bool is_folder(const fs::directory_entry& entry) {
  std::error_code ignored;
  return entry.is_directory(ignored);
}

// The pictures of a folder, then those of the folders in it.
void collect(const fs::path& folder, std::int32_t label, std::vector<LabelledFile>& files) {
  const auto found = entries(folder);
  for (const auto& entry : found) {
    if (!is_folder(entry) && is_picture(entry.path())) {
      files.push_back({entry.path().string(), label});
    }
  }
  for (const auto& entry : found) {
    std::error_code ignored;
    if (is_folder(entry) && !entry.is_symlink(ignored)) collect(entry.path(), label, files);
  }
}

std::vector<std::string> class_folders(const std::string& directory) {
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored)) {
    throw NotFound(fmt::format("[{}] there is no folder '{}'", kWhere, directory));
  }
  std::vector<std::string> names;
  for (const auto& entry : entries(directory)) {
    if (is_folder(entry)) names.push_back(entry.path().filename().string());
  }
  if (!names.empty()) return names;
  throw NotFound(
      fmt::format("[{}] '{}' holds no folders: expected one for each class, with its "
                  "pictures in it",
                  kWhere, directory));
}

void check_class_names(const std::vector<std::string>& asked, const std::vector<std::string>& found,
                       const std::string& directory) {
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto end = asked.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(asked.begin(), end, asked[i]) != end) {
      throw InvalidArgument(fmt::format("[{}] class_names has '{}' twice", kWhere, asked[i]));
    }
    if (std::ranges::find(found, asked[i]) != found.end()) continue;
    throw InvalidArgument(fmt::format("[{}] '{}' has no folder '{}'. {}It has {}", kWhere,
                                      directory, asked[i], did_you_mean(asked[i], found),
                                      join(found)));
  }
}

}  // namespace

LabelledFiles find_images(const std::string& directory,
                          const std::vector<std::string>& class_names) {
  const std::vector<std::string> found = class_folders(directory);
  check_class_names(class_names, found, directory);
  LabelledFiles result{class_names.empty() ? found : class_names, {}};
  for (std::size_t label = 0; label < result.class_names.size(); ++label) {
    const fs::path folder = fs::path(directory) / result.class_names[label];
    const std::size_t before = result.files.size();
    collect(folder, static_cast<std::int32_t>(label), result.files);
    if (result.files.size() > before) continue;
    throw NotFound(
        fmt::format("[{}] the class folder '{}' holds no picture: expected files that "
                    "end in .png. Remove it, or name the classes in class_names",
                    kWhere, folder.string()));
  }
  return result;
}

}  // namespace banach::utils
