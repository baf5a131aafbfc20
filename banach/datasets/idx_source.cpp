#include <banach/core/errors.hpp>
#include <banach/core/memory.hpp>
#include <banach/datasets/idx_source.hpp>
#include <banach/formats/gzip.hpp>
#include <banach/formats/idx.hpp>
#include <banach/formats/npz.hpp>

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace banach::datasets {
namespace {

namespace fs = std::filesystem;
using formats::Bytes;

constexpr int kClasses = 10, kSide = 28;

bool exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

Array read_idx(const std::string& path) {
  return formats::parse_idx(unpack(formats::read_file(path, kMaxIdxBytes), path), path);
}

std::array<Array, 4> read_arrays(const IdxSource& source) {
  std::array<Array, 4> arrays;
  if (source.npz.empty()) {
    std::ranges::transform(source.files, arrays.begin(), read_idx);
    return arrays;
  }
  const auto members = formats::load_npz(source.npz);
  constexpr std::array kKeys{"x_train", "y_train", "x_test", "y_test"};
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const auto found = members.find(kKeys[i]);
    if (found == members.end()) {
      throw Corruption(fmt::format("[{}] lacks the array '{}'", source.npz, kKeys[i]));
    }
    arrays[i] = found->second;
  }
  return arrays;
}

void check_images(const Array& images, const std::string& name) {
  if (images.dtype() == uint8 && images.rank() == 3 && images.dim(0) > 0 &&
      images.dim(1) == kSide && images.dim(2) == kSide) {
    return;
  }
  throw Corruption(fmt::format("[{}] expected images, uint8 (n, {}, {}), received {}", name, kSide,
                               kSide, images.str()));
}

void check_labels(const Array& labels, std::int64_t count, const std::string& name) {
  if (labels.dtype() != uint8 || labels.shape() != Shape{count}) {
    throw Corruption(fmt::format("[{}] expected one label per image, uint8 ({},), received {}",
                                 name, count, labels.str()));
  }
  const auto values = labels.values<std::uint8_t>();
  const auto bad = std::ranges::find_if(values, [](int label) { return label >= kClasses; });
  if (bad == values.end()) return;
  throw Corruption(fmt::format("[{}] label {} at position {} is outside [0, {})", name, *bad,
                               bad - values.begin(), kClasses));
}

}  // namespace

std::string plain_or_packed(const std::string& path) {
  for (const std::string& candidate : {path, path + ".gz"}) {
    if (exists(candidate)) return candidate;
  }
  return "";
}

Bytes unpack(Bytes bytes, const std::string& name) {
  return formats::is_gzip(bytes) ? formats::gunzip(bytes, name, kMaxIdxBytes) : std::move(bytes);
}

std::optional<IdxSource> IdxSource::find(const std::string& place, const IdxDataset& dataset) {
  IdxSource source;
  if (place.ends_with(".npz")) {
    source.npz = place;
    return exists(place) ? std::optional(source) : std::nullopt;
  }
  for (std::size_t i = 0; i < source.files.size(); ++i) {
    source.files[i] = plain_or_packed((fs::path(place) / dataset.files[i].name).string());
  }
  if (std::ranges::none_of(source.files, &std::string::empty)) return source;
  return find((fs::path(place) / (dataset.name + ".npz")).string(), dataset);
}

std::pair<Dataset, Dataset> IdxSource::read() const {
  const std::array<Array, 4> arrays = read_arrays(*this);
  release_freed_memory();  // of the packed and unpacked files
  for (std::size_t i = 0; i < arrays.size(); i += 2) {
    const auto name = [&](std::size_t k) { return npz.empty() ? files[k] : npz; };
    check_images(arrays[i], name(i));
    check_labels(arrays[i + 1], arrays[i].dim(0), name(i + 1));
  }
  return {{arrays[0], arrays[1]}, {arrays[2], arrays[3]}};
}

}  // namespace banach::datasets
