#include <banach/core/errors.hpp>
#include <banach/datasets/image_folder.hpp>
#include <banach/formats/png.hpp>
#include <tests/support/golden.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/support/tolerance.hpp>

#include "../formats/samples.hpp"

#include <filesystem>
#include <set>

using namespace banach;
using namespace banach::testing;
using utils::ImageDatasetOptions;

namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

// A folder of classes, with what errors say of it.
class Folder {
 public:
  const std::string& path() const { return path_; }
  void add(const std::string& name, formats::ByteSpan bytes) const {
    fs::create_directories(fs::path(file(name)).parent_path());
    formats::write_file_atomic(file(name), bytes);
  }
  void add(const std::string& name, const Array& image) const {
    add(name, formats::write_png(image));
  }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  utils::ImageDataset load(const ImageDatasetOptions& options = {}) const {
    return utils::image_dataset_from_directory(path_, options);
  }
  template <class E>
  std::string error(const ImageDatasetOptions& options = {}) const {
    return error_of<E>([&] { load(options); });
  }

 private:
  TempDir dir_;
  std::string path_ = dir_.path().string();
};

// Pictures of one pixel whose colour is their number, `count` a class.
void add_numbered(const Folder& folder, int count) {
  for (int i = 0; i < 2 * count; ++i) {
    const std::string name = (i < count ? "a/" : "b/") + std::to_string(1000 + i) + ".png";
    folder.add(name, Array::full({1, 1, 3}, i, uint8));
  }
}

void add_golden(const Folder& folder) {
  for (const char* name : {"b/2.png", "b/10.png", "a/deep/0.png"}) {
    const Array& file = golden("images.npz", std::string("folder/") + name);
    folder.add(name, std::as_bytes(file.values<std::uint8_t>()));
  }
}

}  // namespace

TEST_CASE("image_dataset_from_directory gives what Keras gives") {
  const Folder folder;
  add_golden(folder);
  const std::pair<std::string, ImageDatasetOptions> cases[] = {
      {"int", {.image_size = {6, 8}}},
      {"binary", {.label_mode = "binary", .color_mode = "rgba", .image_size = {6, 8}}},
      {"categorical",
       {.label_mode = "categorical", .class_names = {"b", "a"}, .image_size = {6, 8}}},
      {"crop", {.image_size = {6, 8}, .crop_to_aspect_ratio = true}}};
  for (const auto& [name, options] : cases) {
    INFO(name);
    const auto data = folder.load(options);
    CHECK(relative_difference(data.x, golden("images.npz", "folder/" + name + "_x")) <=
          Tolerance::kFloat32);
    CHECK(same(data.y, golden("images.npz", "folder/" + name + "_y")));
  }
}

TEST_CASE("classes and files are sorted, and hidden and other files skipped") {
  const Folder folder;
  add_golden(folder);
  folder.add("b/.2.png", bytes_of("hidden"));
  folder.add("b/notes.txt", bytes_of("no picture"));
  folder.add(".git/0.png", bytes_of("hidden"));
  folder.add("index.html", bytes_of("no class"));
  const auto [x, y, class_names, file_paths] = folder.load({.image_size = {6, 8}});
  CHECK(class_names == Texts{"a", "b"});
  CHECK(file_paths ==
        Texts{folder.file("a/deep/0.png"), folder.file("b/10.png"), folder.file("b/2.png")});
  CHECK(same(y, Array::of<std::int32_t>({0, 1, 1})));
  const auto only = folder.load({.class_names = {"b"}, .image_size = {6, 8}});
  CHECK(only.class_names == Texts{"b"});
  CHECK(only.x.shape() == Shape{2, 6, 8, 3});
  CHECK(folder.load({.color_mode = "grayscale", .image_size = {6, 8}}).x.shape() ==
        Shape{3, 6, 8, 1});
}

TEST_CASE("without an image_size pictures keep theirs, if it is the same") {
  const Folder folder;
  add_numbered(folder, 2);
  CHECK(
      same(folder.load().x, Array::of<float>({0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3}, {4, 1, 1, 3})));
  folder.add("b/9.png", Array({2, 3, 3}, uint8));
  CHECK(folder.error<InvalidArgument>() ==
        "[image_dataset_from_directory] '" + folder.file("a/1000.png") + "' is (1, 1) and '" +
            folder.file("b/9.png") +
            "' is (2, 3) (height, width): give an image_size to resize to");
}

TEST_CASE("a seed shuffles, and the subsets of one seed share no file") {
  const Folder folder;
  add_numbered(folder, 20);
  const auto sorted = folder.load(), shuffled = folder.load({.seed = 1});
  CHECK(sorted.file_paths != shuffled.file_paths);
  CHECK(same(shuffled.x, folder.load({.seed = 1}).x));
  CHECK_FALSE(same(shuffled.x, folder.load({.seed = 2}).x));
  std::set<std::string> seen;
  for (const auto& [subset, count] : {std::pair("training", 30), std::pair("validation", 10)}) {
    const auto data = folder.load({.seed = 1, .validation_split = 0.25, .subset = subset});
    CHECK(data.x.dim(0) == count);
    for (std::int64_t i = 0; i < count; ++i) {  // a row's colour, label and path belong together
      const auto number = static_cast<int>(data.x.at({i, 0, 0, 0}));
      CHECK(data.y.at({i}) == (number < 20 ? 0 : 1));
      const std::string& path = data.file_paths[static_cast<std::size_t>(i)];
      CHECK(path.find(std::to_string(1000 + number)) != std::string::npos);
      seen.insert(path);
    }
  }
  CHECK(seen.size() == 40);
}

TEST_CASE("folders that are no data set are refused") {
  const Folder folder;
  CHECK(folder.error<NotFound>().find("holds no folders: expected one for each class") !=
        std::string::npos);
  CHECK_THROWS_AS(utils::image_dataset_from_directory(folder.file("none")), NotFound);
  add_numbered(folder, 1);
  folder.add("c/notes.txt", bytes_of("no picture"));
  CHECK(folder.error<NotFound>().find("the class folder '" + folder.file("c") +
                                      "' holds no picture") != std::string::npos);
}

TEST_CASE("the first file that is no picture is named") {
  const Folder folder;
  add_numbered(folder, 10);
  folder.add("a/1003.png", bytes_of("text"));
  folder.add("b/1013.png", bytes_of("text"));
  CHECK(folder.error<Corruption>().find("[" + folder.file("a/1003.png") + "] expected a picture") ==
        0);
  folder.add("a/1002.jpg", bytes_of({0xFF, 0xD8, 0xFF}));
  CHECK(folder.error<NotSupported>().find("[" + folder.file("a/1002.jpg") + "] is a JPEG file") ==
        0);
}

TEST_CASE("options that do not exist, or not together, are refused") {
  const Folder folder;
  add_numbered(folder, 2);
  const auto error = [&](const ImageDatasetOptions& options) {
    return folder.error<InvalidArgument>(options);
  };
  CHECK(error({.label_mode = "categorial"}) ==
        "[image_dataset_from_directory] unknown label_mode 'categorial'. Did you mean "
        "'categorical'? Known: int, categorical, binary");
  CHECK(error({.label_mode = "binary", .class_names = {"a"}}).find("needs 2 classes") !=
        std::string::npos);
  CHECK(error({.class_names = {"aa"}}).find("has no folder 'aa'. Did you mean 'a'?") !=
        std::string::npos);
  CHECK(error({.class_names = {"a", "a"}}).find("has 'a' twice") != std::string::npos);
  CHECK(error({.color_mode = "gray"}).find("color_mode") != std::string::npos);
  CHECK(error({.image_size = {3, 3}, .interpolation = "cubic"}).find("interpolation") !=
        std::string::npos);
  CHECK(error({.image_size = {3, 0}}).find("received (3, 0)") != std::string::npos);
  CHECK(error({.validation_split = 0.5, .subset = "training"}).find("needs a seed") !=
        std::string::npos);
  CHECK(error({.seed = 1, .validation_split = 0.5}).find("the subset") != std::string::npos);
  CHECK(error({.seed = 1, .validation_split = 1.5, .subset = "training"}).find("1.5") !=
        std::string::npos);
  CHECK(error({.seed = 1, .validation_split = 0.1, .subset = "validation"})
            .find("leaves none of 4 files for validation") != std::string::npos);
}
