#pragma once

#include <banach/datasets/idx_dataset.hpp>
#include <banach/formats/file.hpp>

#include <optional>

namespace banach::datasets {

/// More than a file of a data set may unpack to; MNIST's largest has 47 MB.
inline constexpr std::uint64_t kMaxIdxBytes = std::uint64_t{1} << 30;

/// Where the four arrays of a data set are: files in the order of IdxDataset, or one .npz.
struct IdxSource {
  std::array<std::string, 4> files;
  std::string npz;

  /// What `place`, a folder or an .npz file, has of the data set; nothing when a file is missing.
  static std::optional<IdxSource> find(const std::string& place, const IdxDataset& dataset);

  /// Reads and checks the arrays; Corruption names the file.
  std::pair<Dataset, Dataset> read() const;
};

/// `path` or `path`.gz, whichever exists; empty when neither does.
std::string plain_or_packed(const std::string& path);

/// gunzip when the content is gzip's, whatever the name says: browsers unpack what they download
/// and keep the name.
formats::Bytes unpack(formats::Bytes bytes, const std::string& name);

}  // namespace banach::datasets
