#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace banach {

/// Whose summary: that of Keras 3 or of TensorFlow 2 (tf_keras).
enum class SummaryStyle { keras3, tf2 };

/// A layer of the model.
struct SummaryRow {
  std::string name;          ///< "conv2d_1"
  std::string class_name;    ///< "Conv2D"
  std::string output_shape;  ///< "(None, 26, 26, 32)", "[(None, 3), (None, 2)]"; "" if not known
  std::int64_t parameters = 0;
  bool built = true;
  std::string moments = "?";  ///< expected mean and variance of its output: "0.012, 0.998"
  std::vector<std::string> connections = {};  ///< tensors it is called on: "dense[0][0]"
};

/// How many parameters, and the memory that they take.
struct ParameterCount {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
};

/// What `model.summary()` shows. Keras leaves out input layers.
struct Summary {
  std::string model_name = "sequential";
  std::vector<SummaryRow> rows;
  ParameterCount trainable;
  ParameterCount non_trainable;
  std::optional<ParameterCount> optimizer;  ///< once it is built; Keras 3 adds it to the total
  bool connected = false;                   ///< shows the rows' connections, in longer lines
  bool expand_snn = false;                  ///< shows the rows' moments, in longer lines
};

/// The length of Keras' lines on a terminal of that many columns.
int summary_width(SummaryStyle style, bool connected = false, int terminal_columns = 80);

/// The text of `model.summary(line_length=width)`, with a newline at the end; 0 is summary_width.
/// `ascii` draws keras3's table without box characters. InvalidArgument when `width` leaves a
/// column fewer than 4 characters. See keras/src/utils/summary_utils.py and
/// tf_keras/src/utils/layer_utils.py.
std::string format_summary(const Summary& summary, SummaryStyle style, int width = 0,
                           bool ascii = false);

}  // namespace banach
