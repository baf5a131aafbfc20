#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace banach::utils {

struct LabelledFile {
  std::string path;
  std::int32_t label;  // position of its class
};

struct LabelledFiles {
  std::vector<std::string> class_names;
  std::vector<LabelledFile> files;  // by class, then by folder and name
};

/// The files with a picture's ending below `directory`, a folder a class, or of `class_names`
/// alone, in their order. Hidden files and folders are skipped and links to folders not followed.
/// NotFound and InvalidArgument as image_dataset_from_directory.
LabelledFiles find_images(const std::string& directory,
                          const std::vector<std::string>& class_names);

}  // namespace banach::utils
