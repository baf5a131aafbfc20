#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/datasets/download.hpp>
#include <banach/datasets/idx_dataset.hpp>
#include <banach/datasets/idx_source.hpp>
#include <banach/datasets/search.hpp>
#include <banach/datasets/sha256.hpp>

#include <filesystem>
#include <fmt/format.h>

namespace banach::datasets {
namespace {

namespace fs = std::filesystem;
using formats::Bytes;

std::string file_names(const IdxDataset& dataset) {
  std::vector<std::string> names;
  for (const IdxFile& file : dataset.files) names.push_back(file.name + ".gz");
  return join(names);
}

void create_cache(const std::string& folder, const IdxDataset& dataset) {
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  if (!folder.empty() && !error) return;
  throw IOError(
      fmt::format("[{}.load_data] cannot create the cache folder '{}'{}{}. Set XDG_CACHE_HOME "
                  "or the option cache_directory to a folder that can be written",
                  dataset.name, folder, error ? ": " : "", error ? error.message() : ""));
}

void fetch(const IdxFile& file, const std::string& base_url, const std::string& folder,
           const LoadOptions& options) {
  const std::string url = base_url + file.name + ".gz";
  const Bytes packed =
      download(url, DownloadOptions{.progress = options.progress, .max_bytes = kMaxIdxBytes});
  const std::string received = sha256(unpack(packed, url));
  if (received != file.sha256) {
    throw Corruption(fmt::format(
        "[download] {}: expected SHA-256 {} when unpacked, received {}. Nothing was kept; "
        "try another base_url",
        url, file.sha256, received));
  }
  formats::write_file_atomic((fs::path(folder) / (file.name + ".gz")).string(), packed);
}

// Downloads what the cache lacks.
void complete_cache(const IdxDataset& dataset, const std::string& folder,
                    const LoadOptions& options) {
  std::string base_url = options.base_url.empty() ? dataset.base_url : options.base_url;
  if (!base_url.ends_with('/')) base_url += '/';
  create_cache(folder, dataset);
  for (const IdxFile& file : dataset.files) {
    if (plain_or_packed((fs::path(folder) / file.name).string()).empty()) {
      fetch(file, base_url, folder, options);
    }
  }
}

IdxSource in_directory(const IdxDataset& dataset, const std::string& directory) {
  if (const auto source = IdxSource::find(directory, dataset)) return *source;
  throw NotFound(
      fmt::format("[{}.load_data] '{}' lacks files: expected {} (plain or .gz), or {}.npz",
                  dataset.name, directory, file_names(dataset), dataset.name));
}

IdxSource downloaded(const IdxDataset& dataset, const std::string& folder,
                     const std::vector<std::string>& searched, const LoadOptions& options) {
  try {
    complete_cache(dataset, folder, options);
  } catch (const IOError& error) {
    throw IOError(fmt::format(
        "[{}.load_data] the data is not on this machine and cannot be downloaded.\n  {}\n  "
        "Searched: {}.\n  Put {} into one of these folders, or name theirs in the option "
        "directory or in BANACH_DATA_DIR",
        dataset.name, error.what(), join(searched), file_names(dataset)));
  }
  return in_directory(dataset, folder);
}

std::string cache_of(const IdxDataset& dataset, const LoadOptions& options) {
  return options.cache_directory.empty() ? cache_folder(dataset.name) : options.cache_directory;
}

std::vector<std::string> places_of(const IdxDataset& dataset, const LoadOptions& options) {
  std::vector<std::string> places = data_places(dataset.name);
  const std::string cache = cache_of(dataset, options);
  if (!cache.empty()) places.push_back(cache);
  return places;
}

struct Found {
  std::string place;
  IdxSource source;
};

std::optional<Found> find(const IdxDataset& dataset, const std::vector<std::string>& places) {
  for (const std::string& place : places) {
    if (const auto source = IdxSource::find(place, dataset)) return Found{place, *source};
  }
  return {};
}

}  // namespace

std::string find_idx_dataset(const IdxDataset& dataset, const LoadOptions& options) {
  const auto found = find(dataset, places_of(dataset, options));
  return found ? found->place : "";
}

std::pair<Dataset, Dataset> load_idx_dataset(const IdxDataset& dataset,
                                             const LoadOptions& options) {
  if (!options.directory.empty()) return in_directory(dataset, options.directory).read();
  const std::vector<std::string> places = places_of(dataset, options);
  if (const auto found = find(dataset, places)) return found->source.read();
  return downloaded(dataset, cache_of(dataset, options), places, options).read();
}

}  // namespace banach::datasets
