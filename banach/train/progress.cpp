#include <banach/models/runtime.hpp>
#include <banach/train/progress.hpp>

#include <algorithm>

#include <unistd.h>

namespace banach {
namespace {

ProgressBarOptions bar_options(std::int64_t steps, int verbose, ProgressStyle style) {
  ProgressBarOptions options;
  options.target = steps;
  options.verbose = verbose;
  options.style = style;
  options.terminal = isatty(STDOUT_FILENO) == 1;
  options.ascii = !locale_is_utf8();
  return options;
}

// Keras 3 sorts by name; TensorFlow 2 keeps the order of compile().
void arrange(MetricValues& values, ProgressStyle style) {
  if (style == ProgressStyle::keras3) std::ranges::sort(values);
}

}  // namespace

Progress::Progress(const Model& model, std::int64_t steps, int verbose, ProgressStyle style)
    : model_(model), steps_(steps), style_(style), bar_(bar_options(steps, verbose, style)) {}

void Progress::read_means() {
  values_ = metric_values(model_);
  arrange(values_, style_);
}

void Progress::update(std::int64_t step) {
  // The bar shows itself at most every 0.05 s; reading the means more often would be for nothing.
  constexpr auto kPause = std::chrono::milliseconds(45);
  const auto now = std::chrono::steady_clock::now();
  if (step > 1 && now - last_read_ < kPause) {
    bar_.update(step, {}, false);
    return;
  }
  last_read_ = now;
  read_means();
  bar_.update(step, values_, false);
}

void Progress::hold() { read_means(); }

void Progress::finish(const std::vector<std::pair<std::string, double>>& validation) {
  MetricValues last = validation;
  arrange(last, style_);
  values_.insert(values_.end(), last.begin(), last.end());
  bar_.update(steps_, values_, true);
}

}  // namespace banach
