// "Using SELU with TensorFlow 2.0 and Keras", section by section, in C++.
#include <banach/banach.hpp>

#include <cstdlib>
#include <fmt/core.h>

using namespace banach;
using namespace banach::layers;
using initializers::LecunNormal;

// GPU memory as needed instead of all at once.
static void configure_gpus() {
  const auto gpus = config::experimental::list_physical_devices("GPU");
  try {
    for (const auto& gpu : gpus) config::experimental::set_memory_growth(gpu, true);
    const auto logical_gpus = config::experimental::list_logical_devices("GPU");
    fmt::print("{} Physical GPUs, {} Logical GPUs\n", gpus.size(), logical_gpus.size());
  } catch (const RuntimeError& error) {
    fmt::print("{}\n", error.what());  // memory growth must be set before GPUs are initialized
  }
}

static void show_digit(const Array& image) {
  for (int row = 0; row < image.dim(0); row += 2) {  // characters are twice as high as wide
    for (int column = 0; column < image.dim(1); ++column) {
      fmt::print("{}", " .:-=+*#%@"[static_cast<int>(image.at({row, column, 0}) * 9.99)]);
    }
    fmt::print("\n");
  }
}

int main(int argc, char** argv) {
  configure_gpus();

  // Model configuration
  const int img_width = 28, img_height = 28, batch_size = 250, no_classes = 10, verbosity = 1;
  const int no_epochs = argc > 1 ? std::atoi(argv[1]) : 5;  // `mnist_selu 1` trains for one
  const double validation_split = 0.2;

  // Load MNIST dataset
  auto [train, test] = datasets::mnist::load_data();
  auto [input_train, target_train] = train;
  auto [input_test, target_test] = test;

  // Reshape data, parse numbers as floats, convert into [0, 1] range
  const Shape input_shape{img_width, img_height, 1};
  input_train =
      input_train.reshape({input_train.dim(0), img_width, img_height, 1}).astype(float32) / 255;
  input_test =
      input_test.reshape({input_test.dim(0), img_width, img_height, 1}).astype(float32) / 255;

  // Convert target vectors to categorical targets
  target_train = utils::to_categorical(target_train, no_classes);
  target_test = utils::to_categorical(target_test, no_classes);

  // Create the model
  Sequential model;
  model.add(Conv2D(
      32, {3, 3},
      {.activation = "selu", .kernel_initializer = LecunNormal(), .input_shape = input_shape}));
  model.add(AlphaDropout(0.25));
  model.add(Flatten());
  model.add(Dense(256, {.activation = "selu", .kernel_initializer = LecunNormal()}));
  model.add(Dense(no_classes, {.activation = "softmax"}));

  // Compile the model
  model.compile({.loss = losses::categorical_crossentropy,
                 .optimizer = optimizers::Adam(),
                 .metrics = {"accuracy"}});

  // Fit data to model
  model.fit(input_train, target_train,
            {.batch_size = batch_size,
             .epochs = no_epochs,
             .verbose = verbosity,
             .validation_split = validation_split});

  // Generate generalization metrics
  auto score = model.evaluate(input_test, target_test, {.verbose = 0});
  fmt::print("Test loss: {} / Test accuracy: {}\n", score[0], score[1]);

  // What does it see in a few test digits?
  const Array few = input_test.slice(0, 3);
  const Array probabilities = model.predict(few);
  const Array digits = argmax(probabilities);
  for (int i = 0; i < few.dim(0); ++i) {
    const auto digit = static_cast<int>(digits.at({i}));
    show_digit(few[i]);
    fmt::print("This is a {} with probability {:.4f}.\n", digit, probabilities.at({i, digit}));
  }
}
