#pragma once

#include <banach/models/progress_style.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banach {

/// Names and running means, as they shall be shown: tf2 has the loss first and then the metrics in
/// compile order, keras3 sorts by name.
using MetricValues = std::vector<std::pair<std::string, double>>;

struct ProgressBarOptions {
  std::int64_t target = 0;  ///< steps; 0: not known yet, see set_target
  int verbose = 1;          ///< 0 silent, 1 a bar, 2 one line without a bar
  ProgressStyle style = ProgressStyle::keras3;
  bool terminal = false;  ///< false (a pipe, a file): only the final line, without control codes
  bool ascii = false;     ///< keras3's bar of '=', as Keras does where the encoding lacks U+2501
  std::function<void(std::string_view)> write;  ///< one call a refresh; default: standard output
  std::function<double()> now;                  ///< seconds; default: a steady clock
};

/// The progress of one epoch. On a terminal it writes, byte for byte, what Keras' Progbar writes:
///
///     57/192 ━━━━━━━━━━━━━━━━━━━━ 2s 22ms/step - accuracy: 0.8822 - loss: 0.3871           keras3
///     57/192 [=======>......................] - ETA: 2s - loss: 0.3871 - accuracy: 0.8822  tf2
///
/// The clock is read once when the bar is made and once by each update. An update that comes less
/// than 0.05 s after the last one shown is not shown, and allocates nothing for names seen before.
/// See keras/src/utils/progbar.py and tf_keras/src/utils/generic_utils.py.
class ProgressBar {
 public:
  explicit ProgressBar(ProgressBarOptions options);

  /// For data of unknown length: the number of steps, before the final update.
  void set_target(std::int64_t target) { options_.target = target; }

  /// `current` steps are done. A name keeps its place and its value until it is passed again.
  /// `finalize` ends the line; the default is whether current has reached the target.
  void update(std::int64_t current, const MetricValues& values = {},
              std::optional<bool> finalize = std::nullopt);

 private:
  bool codes() const { return options_.terminal && options_.style == ProgressStyle::keras3; }
  std::string bold(const std::string& text) const;
  void remember(const MetricValues& values);
  double seconds_per_step(std::int64_t current, double now);
  void show_bar(std::int64_t current, double now, double step, bool last);
  void append_steps(std::int64_t current);
  void append_time(std::int64_t current, double now, double step, bool last);
  void append_metrics();
  void show_line(std::int64_t current, double now, double step);

  ProgressBarOptions options_;
  MetricValues values_;  // in the order first seen
  std::string line_;     // what the last refresh wrote; its memory is used again
  int width_ = 0;        // of the line on the screen, without trailing blanks
  double start_;
  double last_update_ = -std::numeric_limits<double>::infinity();
  std::optional<double> after_first_step_;
};

/// "Epoch 1/5\n", the line above an epoch's bar; `epoch` counts from 0. Empty for a single epoch,
/// as in Keras.
std::string epoch_header(std::int64_t epoch, std::int64_t epochs);

/// Whether the locale in the environment (LC_ALL, else LC_CTYPE, else LANG) is a UTF-8 one; where
/// it is not, a terminal needs ProgressBarOptions::ascii.
bool locale_is_utf8();

}  // namespace banach
