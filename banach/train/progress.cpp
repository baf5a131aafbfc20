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

MetricValues Progress::means() const {
  MetricValues values = metric_values(model_);
  arrange(values, style_);
  return values;
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
  bar_.update(step, means(), false);
}

void Progress::hold(const std::string& prefix) {
  for (const auto& [name, value] : means()) held_.emplace_back(prefix + name, value);
}

void Progress::finish(const Logs& logs) {
  for (const auto& entry : logs) {
    const auto held = std::ranges::find(held_, entry.first, &MetricValues::value_type::first);
    if (held == held_.end()) {
      held_.push_back(entry);
    } else {
      held->second = entry.second;
    }
  }
  bar_.update(steps_, held_, true);
}

}  // namespace banach
