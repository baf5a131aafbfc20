// Data of your own: a folder of pictures with a folder for each class, and a table in a CSV file.
// The program draws and writes both first, so that it needs nothing.
#include <banach/banach.hpp>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fmt/core.h>
#include <fstream>

using namespace banach;
using namespace banach::layers;

namespace {

namespace fs = std::filesystem;

// A disk or a square on a dark ground, 16 x 16.
Array draw(bool disk, RandomGenerator& random) {
  Array picture({16, 16, 3});
  const double x = 6 + 4 * random.uniform(), y = 6 + 4 * random.uniform();
  for (int i = 0; i < 16 * 16; ++i) {
    const double dx = std::abs(i % 16 - x), dy = std::abs(i / 16 - y);
    const bool inside = disk ? dx * dx + dy * dy < 20 : std::max(dx, dy) < 4;
    for (std::size_t c = 0; c < 3; ++c) {
      picture.mutable_values<float>()[static_cast<std::size_t>(3 * i) + c] =
          static_cast<float>((inside ? 180 : 20) + 50 * random.uniform());
    }
  }
  return picture;
}

void write_pictures(const fs::path& folder) {
  RandomGenerator random(1);
  for (const char* shape : {"disk", "square"}) {
    fs::create_directories(folder / shape);
    for (int i = 0; i < 200; ++i) {
      const std::string path = folder / shape / fmt::format("{}.png", i);
      utils::save_img(path, draw(shape == std::string("disk"), random), {.scale = false});
    }
  }
}

void write_table(const fs::path& path) {
  RandomGenerator random(2);
  std::ofstream file(path);
  file << "width,height,shape\n";
  for (int i = 0; i < 300; ++i) {
    const double width = random.uniform(), height = random.uniform();
    file << width << ',' << height << ',' << (width > height ? "wide" : "tall") << '\n';
  }
}

void learn_pictures(const std::string& folder, int epochs) {
  const auto load = [&](const char* subset) {
    return utils::image_dataset_from_directory(
        folder, {.seed = 1, .validation_split = 0.2, .subset = subset});
  };
  auto [x, y, class_names, file_paths] = load("training");
  const auto validation = load("validation");
  fmt::print("{} pictures, each a {} or a {}\n", x.dim(0) + validation.x.dim(0), class_names[0],
             class_names[1]);

  Sequential model({Rescaling(1. / 255, {.input_shape = Shape{16, 16, 3}}),
                    Conv2D(8, {3, 3}, {.activation = "selu", .kernel_initializer = "lecun_normal"}),
                    MaxPooling2D(2), Flatten(), Dense(2, {.activation = "softmax"})});
  model.compile({.loss = "sparse_categorical_crossentropy",
                 .optimizer = optimizers::Adam(0.01),
                 .metrics = {"accuracy"}});
  model.fit(x, y, {.epochs = epochs, .validation_data = {{validation.x, validation.y}}});
}

void learn_table(const std::string& path, int epochs) {
  auto [x, y, feature_names, class_names] = datasets::csv::load_data(path, {.target = "shape"});
  fmt::print("{} rows of {} and {}, to be {} or {}\n", x.dim(0), feature_names[0], feature_names[1],
             class_names[0], class_names[1]);

  Sequential model({Input({2}),
                    Dense(8, {.activation = "selu", .kernel_initializer = "lecun_normal"}),
                    Dense(2, {.activation = "softmax"})});
  model.compile({.loss = "sparse_categorical_crossentropy",
                 .optimizer = optimizers::Adam(0.01),
                 .metrics = {"accuracy"}});
  model.fit(x, y, {.epochs = epochs});
}

}  // namespace

int main(int argc, char** argv) {
  const int epochs = argc > 1 ? std::atoi(argv[1]) : 5;
  utils::set_random_seed(1);
  std::string folder = (fs::temp_directory_path() / "own_data-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 1;
  write_pictures(fs::path(folder) / "pictures");
  write_table(fs::path(folder) / "table.csv");
  learn_pictures(folder + "/pictures", epochs);
  learn_table(folder + "/table.csv", epochs);
  fs::remove_all(folder);
}
