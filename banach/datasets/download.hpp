#pragma once

#include <banach/datasets/progress.hpp>
#include <banach/formats/file.hpp>

#include <string>

namespace banach::datasets {

struct DownloadOptions {
  std::string sha256 = {};  ///< of the file, lower-case hexadecimal; empty: not compared
  Progress progress = false;
  std::uint64_t max_bytes = formats::kMaxBytes;
  int connect_timeout = 20;  ///< seconds
  int stall_timeout = 30;    ///< seconds below 100 bytes per second
};

/// The content behind an https, http or file address; redirects are followed. IOError, naming the
/// address, when it cannot be had; Corruption when its SHA-256 is another.
formats::Bytes download(const std::string& url, const DownloadOptions& options = {});

/// The same into a file that appears only when it is complete and compared (AtomicFile).
void download_file(const std::string& url, const std::string& path,
                   const DownloadOptions& options = {});

}  // namespace banach::datasets
