#pragma once

#include <banach/core/array.hpp>
#include <banach/datasets/progress.hpp>

#include <array>
#include <string>
#include <utility>

namespace banach::datasets {

/// Inputs and targets: `auto [x, y] = dataset;`.
using Dataset = std::pair<Array, Array>;

struct LoadOptions {
  std::string directory = {};        ///< four IDX files, plain or .gz, or <name>.npz; empty: search
  std::string base_url = {};         ///< where missing files come from; empty: the usual place
  Progress progress = true;          ///< of a download
  std::string cache_directory = {};  ///< where downloads go; empty: ~/.cache/banach/<name>
};

/// A file of a data set; the hash is of the unpacked content, so that a re-packed .gz passes.
struct IdxFile {
  std::string name;
  std::string sha256;
};

/// What distinguishes one data set in MNIST's format from another.
struct IdxDataset {
  std::string name;              ///< of its folder, its .npz and in errors
  std::string base_url;          ///< ends in '/'
  std::array<IdxFile, 4> files;  ///< training images and labels, test images and labels
};

/// Training and test data: images uint8 (n, 28, 28), labels uint8 (n,) in [0, 10). Looks into
/// options.directory alone when given; else into data_places() and the cache, then downloads.
/// NotFound when the directory lacks the files; IOError when there is no network or the cache
/// cannot be written; Corruption naming the file when its content is wrong.
std::pair<Dataset, Dataset> load_idx_dataset(const IdxDataset& dataset, const LoadOptions& options);

/// The folder or .npz file that load_idx_dataset would read without a download; empty when there is
/// none.
std::string find_idx_dataset(const IdxDataset& dataset, const LoadOptions& options = {});

}  // namespace banach::datasets
