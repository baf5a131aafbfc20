#include <cli/data_source.hpp>

#include <cli/errors.hpp>

#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/datasets/csv.hpp>
#include <banach/datasets/image_folder.hpp>
#include <banach/datasets/mnist.hpp>
#include <banach/formats/npy.hpp>
#include <banach/formats/npz.hpp>

#include <filesystem>
#include <fmt/format.h>

namespace banach::cli {
namespace {

constexpr NamedDataset kDatasets[] = {
    {"mnist", "handwritten digits, 60,000 to train and 10,000 to test", datasets::mnist::dataset},
    {"fashion_mnist", "articles of clothing, in MNIST's format", datasets::fashion_mnist::dataset}};

DataSource read_dataset(const std::string& name, const SourceOptions&) {
  const auto [train, test] = datasets::load_idx_dataset(find_dataset(name).dataset(), {});
  return {"dataset:" + name,
          {{"x_train", train.first},
           {"y_train", train.second},
           {"x_test", test.first},
           {"y_test", test.second}}};
}

DataSource read_npz(const std::string& path, const SourceOptions&) {
  return {path, formats::load_npz(path)};
}

DataSource read_npy(const std::string& path, const SourceOptions&) {
  return {path, {{"x", formats::parse_npy(formats::read_file(path), path)}}};
}

DataSource read_csv(const std::string& path, const SourceOptions& options) {
  datasets::csv::Options columns;
  if (!options.target.empty()) columns.target = options.target;
  if (options.target.empty() && !options.has_target) columns.target.reset();
  columns.ignore.assign(options.ignore.begin(), options.ignore.end());
  auto [x, y, feature_names, class_names] = datasets::csv::load_data(path, columns);
  DataSource source{path, {{"x", x}}, class_names, feature_names};
  if (columns.target) source.arrays["y"] = y;
  return source;
}

DataSource read_folder(const std::string& path, const SourceOptions& options) {
  const PictureShape& shape = options.pictures;
  auto [x, y, class_names, file_paths] = utils::image_dataset_from_directory(
      path, {.color_mode = shape.color_mode(), .image_size = {shape.height, shape.width}});
  return {path, {{"x", (x + 0.5).astype(uint8)}, {"y", y}}, class_names};
}

struct FileKind {
  const char* suffix;
  DataSource (*read)(const std::string& path, const SourceOptions& options);
};
constexpr FileKind kFiles[] = {{".npz", read_npz}, {".npy", read_npy}, {".csv", read_csv}};

}  // namespace

std::span<const NamedDataset> named_datasets() { return kDatasets; }

const NamedDataset& find_dataset(const std::string& name) {
  std::vector<std::string> known;
  for (const NamedDataset& dataset : kDatasets) {
    if (name == dataset.name) return dataset;
    known.emplace_back(dataset.name);
  }
  throw NotFound(fmt::format("no data set is called '{}'. {}There are: {}", name,
                             did_you_mean(name, known), join(known)));
}

std::string class_label(const std::vector<std::string>& class_names, std::int64_t label) {
  const auto i = static_cast<std::size_t>(label);
  return label >= 0 && i < class_names.size() ? class_names[i] : std::to_string(label);
}

std::string part_suffix(const DataSource& source, const DataSpec& spec, Part part) {
  if (!spec.part.empty()) return "_" + spec.part;
  const std::string suffix = part == Part::test ? "_test" : "_train";
  return source.arrays.contains("x" + suffix) ? suffix : "";
}

DataSource read_source(const DataSpec& spec, const SourceOptions& options) {
  if (const auto name = spec.dataset()) return read_dataset(*name, options);
  if (!std::filesystem::exists(spec.source)) {
    throw NotFound(
        fmt::format("'{}': there is no such file or folder. DATA is {}", spec.source, kDataHelp));
  }
  if (std::filesystem::is_directory(spec.source)) return read_folder(spec.source, options);
  std::vector<std::string> known;
  for (const FileKind& kind : kFiles) {
    if (spec.source.ends_with(kind.suffix)) return kind.read(spec.source, options);
    known.emplace_back(kind.suffix);
  }
  throw UsageError(fmt::format("'{}': expected a file that ends in {}, or a folder of pictures",
                               spec.source, join(known, " or ")));
}

}  // namespace banach::cli
