#include <banach/core/errors.hpp>
#include <banach/core/log.hpp>
#include <banach/core/suggest.hpp>
#include <banach/nn/floatx.hpp>
#include <banach/train/monitor.hpp>

#include <cmath>
#include <fmt/format.h>

namespace banach {
namespace {

using Direction = Metric::Direction;

Direction parse_mode(const std::string& callback, const std::string& mode) {
  if (mode == "auto") return Direction::unknown;
  if (mode == "min") return Direction::down;
  if (mode == "max") return Direction::up;
  throw InvalidArgument(
      fmt::format("[{}] mode must be 'auto', 'min' or 'max', received '{}'", callback, mode));
}

}  // namespace

Monitor::Monitor(std::string callback, std::string quantity, const std::string& mode,
                 double min_delta)
    : callback_(std::move(callback)),
      quantity_(std::move(quantity)),
      asked_(parse_mode(callback_, mode)),
      direction_(asked_),
      min_delta_(std::abs(min_delta)) {}

Direction Monitor::auto_direction(const Model& model) const {
  const std::string name = quantity_.starts_with("val_") ? quantity_.substr(4) : quantity_;
  const CompileOptions& options = model.compile_options();
  for (const Metrics* metrics : {&options.metrics, &options.weighted_metrics}) {
    for (const auto& of_output : metrics->of(model.output_names())) {
      for (const Metric& metric : of_output) {
        if (metric.name() == name) return metric.direction();
      }
    }
  }
  return name == "loss" ? Direction::down : Direction::unknown;
}

void Monitor::settle(const Model& model) {
  warned_ = false;
  direction_ = asked_ == Direction::unknown ? auto_direction(model) : asked_;
  if (direction_ != Direction::unknown) return;
  throw InvalidArgument(
      fmt::format("[{}] monitor is '{}', and it is not known whether that should rise or fall: "
                  "pass mode = \"max\" or \"min\"",
                  callback_, quantity_));
}

std::optional<double> Monitor::find(const Logs& logs, const std::string& warning) {
  const auto found = logs.find(quantity_);
  if (found != logs.end()) return found->second;
  std::vector<std::string> available;
  for (const auto& [name, value] : logs) available.push_back(name);
  if (!std::exchange(warned_, true)) {
    warn(fmt::format("{}. Available metrics are: {}", warning, join(available, ",")));
  }
  return std::nullopt;
}

bool Monitor::improves(double value, const std::optional<double>& than) const {
  if (!than) return true;
  const bool down = direction_ == Direction::down;
  const double moved = down ? value + min_delta_ : value - min_delta_;
  if (config::floatx() == float64) return down ? moved < *than : moved > *than;
  const auto a = static_cast<float>(moved), b = static_cast<float>(*than);
  return down ? a < b : a > b;
}

}  // namespace banach
