#include <banach/banach.hpp>
#include <tests/support/picture.hpp>

#include <doctest/doctest.h>

using namespace banach;
using namespace banach::layers;

namespace {

bool has(const plot::Figure& figure, const std::string& text) {
  return figure.script().find(text) != std::string::npos;
}

std::size_t count(const plot::Figure& figure, const std::string& text) {
  const std::string script = figure.script();
  std::size_t result = 0;
  for (std::size_t at = script.find(text); at != std::string::npos; at = script.find(text, at + 1))
    ++result;
  return result;
}

}  // namespace

TEST_CASE("classes alone by default, as in Keras, and what the options show") {
  Sequential model({Dense(3, {.activation = "selu", .name = "first", .input_shape = Shape{4}}),
                    Dropout(0.5), Dense(2, {.trainable = false})});
  const plot::Figure plain = utils::plot_model(model);
  CHECK(count(plain, "set object") == 4);
  CHECK(has(plain, "set label 'InputLayer'"));
  CHECK(has(plain, "set label 'Dense'"));
  CHECK_FALSE(has(plain, "first"));
  CHECK_FALSE(has(plain, "None"));

  const plot::Figure full = utils::plot_model(model, {.show_shapes = true,
                                                      .show_dtype = true,
                                                      .show_layer_names = true,
                                                      .show_layer_activations = true,
                                                      .show_trainable = true});
  for (const char* text : {"'Dense, selu'", "'first'", "'(None, 4) → (None, 3)'", "'(None, 4)'",
                           "'float32'", "'frozen'"}) {
    INFO(text);
    CHECK(has(full, text));
  }
  testing::check_draws(full, {"Dense, selu", "(None, 4) → (None, 3)"});
}

TEST_CASE("a residual block has a box for each call and an arrow for each tensor") {
  const Tensor x = Input({4});
  Dense shared(4, {.activation = [](const Tensor& t) { return t * 2; }});
  const Tensor y = Add()({x, shared(shared(x))});
  const plot::Figure figure = utils::plot_model(Model(x, y), {.show_layer_activations = true});
  CHECK(count(figure, "set object") == 4);
  CHECK(count(figure, "head filled") == 4);
  CHECK(count(figure, "'Dense, custom'") == 2);
  testing::check_draws(figure, {"Add"});
}

TEST_CASE("a model that is not built is an error") {
  const Sequential model({Dense(3)});
  CHECK_THROWS_WITH_AS(utils::plot_model(model), doctest::Contains("has no graph of layers"),
                       RuntimeError);
}
