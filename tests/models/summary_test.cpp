#include <banach/banach.hpp>
#include <banach/core/errors.hpp>
#include <banach/models/summary.hpp>

#include "../support/golden.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace banach;
using namespace banach::testing;

namespace {

/// The tutorial's net, see tests/golden/README.md.
Summary tutorial() {
  return {.rows = {{"conv2d", "Conv2D", "(None, 26, 26, 32)", 320},
                   {"alpha_dropout", "AlphaDropout", "(None, 26, 26, 32)", 0},
                   {"flatten", "Flatten", "(None, 21632)", 0},
                   {"dense", "Dense", "(None, 256)", 5538048},
                   {"dense_1", "Dense", "(None, 10)", 2570}},
          .trainable = {5540938, 4 * 5540938}};
}

std::string text_of(const SummaryRow& row, SummaryStyle style, int width, bool ascii = false) {
  return format_summary({.model_name = "m", .rows = {row}}, style, width, ascii);
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("format_summary writes Keras 3's summary") {
  Summary summary = tutorial();
  CHECK(format_summary(summary, SummaryStyle::keras3) == golden_text("summary_keras3.txt"));
  summary.optimizer = {11081878, 4 * (2 * 5540938) + 8 + 4};  // Adam's slots, iteration, rate
  CHECK(format_summary(summary, SummaryStyle::keras3) == golden_text("summary_keras3_built.txt"));
  const Summary unbuilt = {.rows = {{"conv2d", "Conv2D", "", 0, false},
                                    {"flatten", "Flatten", "?", 0, false},
                                    {"dense", "Dense", "", 0, false}}};
  CHECK(format_summary(unbuilt, SummaryStyle::keras3) == golden_text("summary_keras3_unbuilt.txt"));
}

TEST_CASE("format_summary writes TensorFlow 2's summary") {
  Summary summary = tutorial();
  CHECK(format_summary(summary, SummaryStyle::tf2) == golden_text("summary_tf2.txt"));
  summary.optimizer = {11081878, 44327520};
  CHECK(format_summary(summary, SummaryStyle::tf2) == golden_text("summary_tf2.txt"));
}

TEST_CASE("summary shows what the layers of a functional model are connected to") {
  using namespace layers;
  const Tensor whole = Input({5}, {.name = "whole"});
  Model halves({whole}, {Dense(3, {.name = "first"})(whole), Dense(2, {.name = "second"})(whole)},
               {.name = "halves"});
  const Tensor left = Input({4}, {.name = "left"}), right = Input({4}, {.name = "right"});
  Dense shared(5, {.name = "shared"});
  const Tensor both = Add({.name = "add"})({shared(left), shared(right)});
  const Tensors parts = halves.apply({both});
  const Tensor joined =
      Concatenate(-1, {.name = "concatenate_of_everything"})({parts[0], parts[1], both});
  const Model model({left, right}, {Dense(1, {.name = "answer"})(joined), parts[0]},
                    {.name = "branching"});
  CHECK(model.summary_text() == golden_text("summary_branching_tf2.txt"));
  CHECK(model.summary_text({.style = SummaryStyle::keras3}) ==
        golden_text("summary_branching_keras3.txt"));
  const std::string snn = model.summary_text({.expand_snn = true});
  CHECK(contains(snn, "Mean, variance"));
  CHECK(contains(snn, "['left[0][0]',"));
}

TEST_CASE("summary of a chain of calls has no connections, but its input") {
  using namespace layers;
  const Tensor x = Input({4}, {.name = "x"});
  const Tensor h = Dense(3, {.name = "h"})(x);
  const Model model({x}, {Dense(2, {.name = "y"})(h)}, {.name = "chain"});
  CHECK(model.summary_text() == golden_text("summary_chain_tf2.txt"));
  CHECK(model.summary_text({.style = SummaryStyle::keras3}) ==
        golden_text("summary_chain_keras3.txt"));
}

TEST_CASE("format_summary shows expected means and variances in a column of its own") {
  Summary summary = tutorial();
  summary.expand_snn = true;
  summary.rows[0].moments = "0.012, 0.998";
  const std::string tf2 = format_summary(summary, SummaryStyle::tf2);
  CHECK(contains(tf2, "Output Shape            Mean, variance     Param #"));
  CHECK(contains(tf2, "(None, 26, 26, 32)      0.012, 0.998       320"));
  CHECK(contains(tf2, "(None, 256)             ?                  5538048"));
  const std::string keras3 = format_summary(summary, SummaryStyle::keras3);
  CHECK(contains(keras3, "(None, 26, 26, 32)"));
  CHECK(contains(keras3, "   0.012, 0.998 │"));
}

TEST_CASE("summary expects of layers what the map of means and variances says") {
  using namespace layers;
  const auto selu = [](const char* name) {
    return Dense(50, {.activation = "selu", .kernel_initializer = "lecun_normal", .name = name});
  };
  Sequential model({selu("a"), AlphaDropout(0.2), Dropout(0.5), Flatten(), selu("b"),
                    Dense(2, {.activation = "softmax"}), selu("c")});  // not built
  const std::string text = model.summary_text({.expand_snn = true});
  std::vector<std::string> moments;
  for (const char* name : {"a (Dense)", "alpha_dropout", "dropout", "flatten", "b (Dense)"}) {
    const std::size_t line = text.find(std::string("\n ") + name);
    REQUIRE(line != std::string::npos);
    const std::size_t comma = text.find(".000, ", line);
    moments.push_back(text.substr(comma + 6, 5));
  }
  // After Dropout(0.5) the variance is 2, from which the map goes towards 1.
  const double b = snn::mean_variance_map({0, 2}).variance;
  CHECK(moments[0] == "1.000");
  CHECK(moments[1] == "1.000");
  CHECK(moments[2] == "2.000");
  CHECK(moments[3] == "2.000");
  CHECK(contains(text,
                 fmt::format("{:.3f}, {:.3f}", snn::mean_variance_map({0, 2}).mean, b).c_str()));
  CHECK(text.find("?", text.find(" c (Dense)")) != std::string::npos);
  CHECK_FALSE(contains(model.summary_text(), "Mean, variance"));
}

TEST_CASE("format_summary wraps and cuts long names as Keras does") {
  // Printed by Keras 3.15.1 and tf_keras 2.21.0 with line_length 50 and 32.
  CHECK(contains(
      text_of({"a_name_that_does_not_fit", "Dense", "(None,)", 7}, SummaryStyle::keras3, 50),
      "│ a_name_that_does_n… │ (None)         │       7 │\n"
      "│ (Dense)             │                │         │\n"));
  CHECK(
      contains(text_of({"a_name_that_does_not_fit", "Dense", "(None,)", 7}, SummaryStyle::tf2, 50),
               " a_name_that_does_no  (None,)             7       \n"
               " t_fit (Dense)                                    \n"));
  CHECK(contains(text_of({"dense", "Dense", "(None, 2, 3)", 7}, SummaryStyle::keras3, 32),
                 "┃ Layer       ┃ Output  ┃ Par… ┃\n"
                 "┃ (type)      ┃ Shape   ┃    # ┃\n"
                 "┡━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━┩\n"
                 "│ dense       │ (None,  │    7 │\n"
                 "│ (Dense)     │ 2, 3)   │      │\n"));
  CHECK(contains(text_of({"größe", "Dense", "(None, 1)", 7}, SummaryStyle::keras3, 50),
                 "│ größe (Dense)       │ (None, 1)      │       7 │\n"));
}

TEST_CASE("format_summary without UTF-8 draws the table in ASCII") {
  CHECK(text_of({"dense", "Dense", "(None, 1)", 7}, SummaryStyle::keras3, 50, true) ==
        "Model: \"m\"\n"
        "+------------------------------------------------+\n"
        "| Layer (type)        | Output Shape   | Param # |\n"
        "|---------------------+----------------+---------|\n"
        "| dense (Dense)       | (None, 1)      |       7 |\n"
        "+------------------------------------------------+\n"
        " Total params: 0 (0.00 B)\n"
        " Trainable params: 0 (0.00 B)\n"
        " Non-trainable params: 0 (0.00 B)\n");
}

TEST_CASE("summary_width is Keras' line for a terminal, and too short a line is an error") {
  CHECK(summary_width(SummaryStyle::keras3) == 76);
  CHECK(summary_width(SummaryStyle::keras3, false, 200) == 88);
  CHECK(summary_width(SummaryStyle::keras3, true, 200) == 108);
  CHECK(summary_width(SummaryStyle::tf2, false, 200) == 65);
  CHECK(summary_width(SummaryStyle::tf2, true, 200) == 98);
  for (const SummaryStyle style : {SummaryStyle::keras3, SummaryStyle::tf2}) {
    CHECK_THROWS_WITH_AS(
        format_summary(tutorial(), style, 10),
        "[summary] width must leave 4 characters to each of 3 columns, received 10. "
        "Pass a greater one.",
        InvalidArgument);
  }
}
