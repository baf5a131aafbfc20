#include <banach/core/errors.hpp>
#include <banach/core/random.hpp>
#include <banach/core/suggest.hpp>
#include <banach/core/threads.hpp>
#include <banach/datasets/image.hpp>
#include <banach/datasets/image_files.hpp>
#include <banach/datasets/image_folder.hpp>
#include <banach/datasets/preprocessing.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <fmt/format.h>
#include <mutex>

namespace banach::utils {
namespace {

constexpr std::string_view kWhere = "image_dataset_from_directory";
const std::vector<std::string> kLabelModes{"int", "categorical", "binary"};

[[noreturn]] void fail(const std::string& what) {
  throw InvalidArgument(fmt::format("[{}] {}", kWhere, what));
}

void check(const ImageDatasetOptions& o) {
  if (std::ranges::find(kLabelModes, o.label_mode) == kLabelModes.end()) {
    fail(fmt::format("unknown label_mode '{}'. {}Known: {}", o.label_mode,
                     did_you_mean(o.label_mode, kLabelModes), join(kLabelModes)));
  }
  if (o.image_size != ImageSize{} && (o.image_size.height < 1 || o.image_size.width < 1)) {
    fail(fmt::format("expected an image_size of at least 1 x 1, received {}",
                     to_string(o.image_size)));
  }
  if (o.validation_split == 0 && o.subset.empty()) return;
  if (!(o.validation_split > 0 && o.validation_split < 1) ||
      (o.subset != "training" && o.subset != "validation")) {
    fail(
        fmt::format("expected a validation_split between 0 and 1 and the subset \"training\" or "
                    "\"validation\", received {} and \"{}\"",
                    o.validation_split, o.subset));
  }
  if (!o.seed) {
    fail(
        "validation_split needs a seed, the same for both subsets, so that each has files of every "
        "class and none is in both");
  }
}

void shuffle(std::vector<LabelledFile>& files, std::uint64_t seed) {
  RandomGenerator random(seed);
  std::vector<LabelledFile> shuffled;
  shuffled.reserve(files.size());
  for (std::int64_t i : random.permutation(static_cast<std::int64_t>(files.size()))) {
    shuffled.push_back(std::move(files[static_cast<std::size_t>(i)]));
  }
  files = std::move(shuffled);
}

// The last files are for validation, as in Keras.
void keep_subset(std::vector<LabelledFile>& files, const ImageDatasetOptions& options) {
  if (options.subset.empty()) return;
  const auto count = static_cast<std::ptrdiff_t>(files.size());
  const auto split = files.end() - static_cast<std::ptrdiff_t>(options.validation_split *
                                                               static_cast<double>(count));
  if (options.subset == "training") {
    files.erase(split, files.end());
  } else {
    files.erase(files.begin(), split);
  }
  if (!files.empty()) return;
  fail(fmt::format("a validation_split of {} leaves none of {} files for {}",
                   options.validation_split, count, options.subset));
}

// One picture of the data set, in its own size when none is asked for.
Array read(const std::string& path, const ImageDatasetOptions& options) {
  const Array image = load_img(path, {.color_mode = options.color_mode});
  if (options.image_size == ImageSize{}) return image;
  const auto resized = options.crop_to_aspect_ratio ? smart_resize : resize;
  return resized(image, options.image_size, options.interpolation);
}

// Calls f(i) for each i below `count` in parallel; throws what the smallest i threw.
template <class F>
void for_each_parallel(std::int64_t count, F f) {
  std::mutex mutex;
  std::exception_ptr error;
  std::atomic<std::int64_t> failed = count;
  parallel_for(count, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < std::min<std::int64_t>(end, failed); ++i) {
      try {
        f(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (i < failed) error = std::current_exception();
        failed = std::min<std::int64_t>(failed, i);
      }
    }
  });
  if (error) std::rethrow_exception(error);
}

Array read_all(const std::vector<LabelledFile>& files, const ImageDatasetOptions& options) {
  const Array first = read(files[0].path, options);
  const auto count = static_cast<std::int64_t>(files.size());
  Array x(Shape{count}.concat(first.shape()));
  float* const to = x.mutable_values<float>().data();
  for_each_parallel(count, [&](std::int64_t i) {
    const std::string& path = files[static_cast<std::size_t>(i)].path;
    const Array image = read(path, options);
    if (image.shape() != first.shape()) {
      fail(fmt::format("'{}' is {} and '{}' is {} (height, width): give an image_size to resize to",
                       files[0].path, to_string({first.dim(0), first.dim(1)}), path,
                       to_string({image.dim(0), image.dim(1)})));
    }
    const Array pixels = image.astype(float32);
    std::ranges::copy(pixels.values<float>(), to + i * first.size());
  });
  return x;
}

Array labels(const std::vector<LabelledFile>& files, const ImageDatasetOptions& options,
             std::size_t classes) {
  Array y({static_cast<std::int64_t>(files.size())}, int32);
  std::ranges::transform(files, y.mutable_values<std::int32_t>().begin(), &LabelledFile::label);
  if (options.label_mode == "categorical") {
    return to_categorical(y, static_cast<std::int64_t>(classes));
  }
  return options.label_mode == "binary" ? y.astype(float32).reshape({-1, 1}) : y;
}

}  // namespace

ImageDataset image_dataset_from_directory(const std::string& directory,
                                          const ImageDatasetOptions& options) {
  check(options);
  auto [class_names, files] = find_images(directory, options.class_names);
  if (options.label_mode == "binary" && class_names.size() != 2) {
    fail(fmt::format("label_mode \"binary\" needs 2 classes, '{}' has {}: {}", directory,
                     class_names.size(), join(class_names)));
  }
  if (options.seed) shuffle(files, *options.seed);
  keep_subset(files, options);
  ImageDataset dataset{read_all(files, options),
                       labels(files, options, class_names.size()),
                       std::move(class_names),
                       {}};
  for (LabelledFile& file : files) dataset.file_paths.push_back(std::move(file.path));
  return dataset;
}

}  // namespace banach::utils
