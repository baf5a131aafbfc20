#pragma once

#include <banach/core/array.hpp>
#include <banach/datasets/resize.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace banach::utils {

struct ImageDatasetOptions {
  std::string label_mode = "int";  ///< "int", "categorical" (one-hot) or "binary"
  std::vector<std::string> class_names =
      {};                                  ///< which folders, in this order; default: all, sorted
  std::string color_mode = "rgb";          ///< "grayscale", "rgb" or "rgba"
  ImageSize image_size = {};               ///< {height, width}; default: what all pictures share
  std::optional<std::uint64_t> seed = {};  ///< shuffles the files; default: by class and name
  double validation_split = 0;             ///< the share that is kept apart; needs a seed
  std::string subset = {};                 ///< then "training" or "validation"
  std::string interpolation = "bilinear";  ///< or "nearest", "area"
  bool crop_to_aspect_ratio = false;       ///< cuts the sides off instead of distorting
};

/// `auto [x, y, class_names, file_paths] = utils::image_dataset_from_directory(...)`.
struct ImageDataset {
  Array x;  ///< float32 (files, height, width, channels) in [0, 255]
  Array y;  ///< int32 (files,); categorical: float32 (files, classes); binary: float32 (files, 1)
  std::vector<std::string> class_names;  ///< y counts in them
  std::vector<std::string> file_paths;   ///< where each row of x is from
};

/// The pictures of a folder that has a folder for each class. Files end in .png (.jpg, .jpeg, .bmp
/// and .gif count as pictures too, but are NotSupported); other and hidden ones are skipped. Keras
/// gives a stream of batches, resizes to (256, 256) by default and shuffles by default. NotFound
/// when there is no folder, no class or a class without pictures; InvalidArgument for options that
/// do not exist and for pictures of several sizes without an image_size; what load_img throws.
/// (keras/src/utils/image_dataset_utils.py)
ImageDataset image_dataset_from_directory(const std::string& directory,
                                          const ImageDatasetOptions& options = {});

}  // namespace banach::utils
