#include <banach/train/progress_bar.hpp>
#include <banach/train/progress_text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace banach {
namespace {

constexpr double kInterval = 0.05;  // seconds

void write_to_stdout(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

double steady_seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

}  // namespace

ProgressBar::ProgressBar(ProgressBarOptions options) : options_(std::move(options)) {
  if (!options_.write) options_.write = write_to_stdout;
  if (!options_.now) options_.now = steady_seconds;
  start_ = options_.now();
}

void ProgressBar::update(std::int64_t current, const MetricValues& values,
                         std::optional<bool> finalize) {
  const bool last = finalize.value_or(options_.target > 0 && current >= options_.target);
  remember(values);
  const double now = options_.now();
  const double step = seconds_per_step(current, now);
  if (now - last_update_ < kInterval && !last) return;
  last_update_ = now;
  if (options_.verbose == 1 && (options_.terminal || last)) show_bar(current, now, step, last);
  if (options_.verbose == 2 && last && options_.target > 0) show_line(current, now, step);
}

void ProgressBar::remember(const MetricValues& values) {
  for (const auto& value : values) {
    const auto known = std::find_if(values_.begin(), values_.end(),
                                    [&](const auto& entry) { return entry.first == value.first; });
    if (known == values_.end()) {
      values_.push_back(value);
    } else {
      known->second = value.second;
    }
  }
}

// The first step, which prepares things, counts only as long as it is the only one.
double ProgressBar::seconds_per_step(std::int64_t current, double now) {
  if (current == 1) after_first_step_ = now;
  if (current == 0) return 0;
  if (current > 1 && after_first_step_) return (now - *after_first_step_) / (current - 1);
  return (now - start_) / current;
}

void ProgressBar::show_bar(std::int64_t current, double now, double step, bool last) {
  line_.clear();
  if (options_.terminal) {
    line_.append(width_, '\b');
    line_ += '\r';
  }
  const std::size_t begin = line_.size();
  append_steps(current);
  append_time(current, now, step, last);
  append_metrics();
  if (options_.terminal) {
    const int before =
        std::exchange(width_, detail::visible_width(std::string_view(line_).substr(begin)));
    line_.append(std::max(before - width_, 0), ' ');
  }
  if (last) line_ += '\n';
  options_.write(line_);
}

std::string ProgressBar::bold(const std::string& text) const {
  return codes() ? "\x1b[1m" + text + "\x1b[0m" : text;
}

// "57/192 [=======>......................]" or the count alone.
void ProgressBar::append_steps(std::int64_t current) {
  if (options_.target <= 0) {
    line_ += fmt::format("{:7}/Unknown", current);
    return;
  }
  const double progress = static_cast<double>(current) / static_cast<double>(options_.target);
  line_ += bold(detail::count_text(current, options_.target));
  line_ += options_.style == ProgressStyle::tf2
               ? detail::tf2_cells(progress)
               : detail::keras3_cells(progress, options_.ascii, codes());
}

// The time left or, without a target or at the end, the time spent.
void ProgressBar::append_time(std::int64_t current, double now, double step, bool last) {
  const bool keras3 = options_.style == ProgressStyle::keras3;
  const bool eta = options_.target > 0 && !last;
  line_ += keras3 ? " " : eta ? " - ETA: " : " - ";
  line_ += bold(eta ? detail::eta_text(step * (options_.target - current))
                    : fmt::format("{:.0f}s", now - start_));
  if (keras3 || !eta) line_ += detail::duration_text(step, "step");
}

// Both libraries forget with verbose = 2 that a metric may be negative; and tf_keras takes NumPy's
// mean of each value, which makes 0.0 of -0.0.
void ProgressBar::append_metrics() {
  const bool tf2 = options_.style == ProgressStyle::tf2;
  for (const auto& [name, value] : values_) {
    const double size = options_.verbose == 2 ? value : std::abs(value);
    line_ += detail::metric_text(name, tf2 ? value + 0.0 : value, size);
  }
}

// verbose = 2.
void ProgressBar::show_line(std::int64_t current, double now, double step) {
  const bool tf2 = options_.style == ProgressStyle::tf2;
  const double seconds = now - start_;
  line_ = fmt::format("{} - {:.0f}s", detail::count_text(current, options_.target), seconds);
  if (!tf2) line_ += " -" + detail::duration_text(step, "step");
  append_metrics();
  if (tf2) {
    line_ += " -" + detail::duration_text(seconds, "epoch");
    line_ += " -" + detail::duration_text(seconds / options_.target, "step");
  }
  line_ += '\n';
  options_.write(line_);
}

std::string epoch_header(std::int64_t epoch, std::int64_t epochs) {
  return epochs > 1 ? fmt::format("Epoch {}/{}\n", epoch + 1, epochs) : "";
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    std::string locale(value);
    for (char& c : locale) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace banach
