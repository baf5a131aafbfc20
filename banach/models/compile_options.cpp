#include <banach/core/errors.hpp>
#include <banach/core/fields.hpp>
#include <banach/core/suggest.hpp>
#include <banach/models/compile_options.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace banach {
namespace {

using Names = std::vector<std::string>;

template <class T>
void check_names(const char* option, const std::map<std::string, T>& by_name,
                 const Names& outputs) {
  for (const auto& [name, value] : by_name) {
    if (std::ranges::find(outputs, name) != outputs.end()) continue;
    throw InvalidArgument(fmt::format("[compile] {}: no output is called '{}'. {}The outputs: {}",
                                      option, name, did_you_mean(name, outputs), join(outputs)));
  }
}

void check_count(const char* option, std::size_t received, const Names& outputs) {
  if (received == outputs.size()) return;
  throw InvalidArgument(
      fmt::format("[compile] {}: expected one for each of the outputs {}, "
                  "received {}",
                  option, join(outputs), received));
}

template <class T>
Json config_of(const std::vector<T>& values) {
  Json::List list;
  for (const T& value : values) list.push_back(to_json(value));
  return list;
}

template <class T>
Json config_of(const std::map<std::string, T>& values) {
  Json::Dict dict;
  for (const auto& [name, value] : values) dict.emplace_back(name, to_json(value));
  return dict;
}

Loss loss_from(const Json& config) {
  Loss loss = "mean_squared_error";
  from_json(config, loss);
  return loss;
}

// One metric, a list of them, or nothing.
std::vector<Metric> metrics_from(const Json& config) {
  if (config.is_null()) return {};
  std::vector<Metric> metrics;
  const Json list = config.is_list() ? config : Json::list({config});
  for (const Json& item : list.as_list()) {
    if (item.is_null()) continue;
    metrics.emplace_back("accuracy");
    from_json(item, metrics.back());
  }
  return metrics;
}

// A dict that is no serialized object is one by names.
bool is_by_name(const Json& config) { return config.is_dict() && !config.find("class_name"); }

}  // namespace

std::vector<Loss> Losses::of(const Names& outputs) const {
  if (one_) return std::vector<Loss>(outputs.size(), list_.front());
  if (by_name_.empty() && list_.empty()) {
    throw InvalidArgument(
        "[compile] no loss to minimise: give one, such as {.loss = \"mean_squared_error\"}");
  }
  if (by_name_.empty()) {
    check_count("loss", list_.size(), outputs);
    return list_;
  }
  check_names("loss", by_name_, outputs);
  check_count("loss", by_name_.size(), outputs);
  std::vector<Loss> losses;
  for (const std::string& output : outputs) losses.push_back(by_name_.at(output));
  return losses;
}

Json Losses::config() const {
  if (one_) return to_json(list_.front());
  return by_name_.empty() ? config_of(list_) : config_of(by_name_);
}

Losses Losses::from_config(const Json& config) {
  if (config.is_list()) {
    Losses losses = std::initializer_list<Loss>{};
    for (const Json& item : config.as_list()) losses.list_.push_back(loss_from(item));
    return losses;
  }
  if (!is_by_name(config)) return loss_from(config);
  Losses losses = std::initializer_list<Loss>{};
  for (const auto& [name, loss] : config.as_dict()) losses.by_name_.emplace(name, loss_from(loss));
  return losses;
}

Metrics Metrics::by_output(std::vector<std::vector<Metric>> metrics) {
  Metrics result;
  result.lists_ = std::move(metrics);
  return result;
}

std::vector<std::vector<Metric>> Metrics::of(const Names& outputs) const {
  std::vector<std::vector<Metric>> result(outputs.size());
  if (!by_name_.empty()) {
    check_names("metrics", by_name_, outputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const auto found = by_name_.find(outputs[i]);
      if (found != by_name_.end()) result[i] = found->second;
    }
  } else if (!lists_.empty()) {
    check_count("metrics", lists_.size(), outputs);
    result = lists_;
  } else if (outputs.size() == 1) {
    result[0] = list_;
  } else if (!list_.empty()) {
    check_count("metrics", list_.size(), outputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) result[i] = {list_[i]};
  }
  return result;
}

Json Metrics::config() const {
  if (!by_name_.empty()) {
    Json::Dict dict;
    for (const auto& [name, metrics] : by_name_) dict.emplace_back(name, config_of(metrics));
    return dict;
  }
  if (!lists_.empty()) {
    Json::List lists;
    for (const auto& metrics : lists_) lists.push_back(config_of(metrics));
    return lists;
  }
  return list_.empty() ? Json() : config_of(list_);
}

Metrics Metrics::from_config(const Json& config) {
  if (is_by_name(config)) {
    Metrics by_name;
    for (const auto& [name, metrics] : config.as_dict()) {
      by_name.by_name_[name] = metrics_from(metrics);
    }
    return by_name;
  }
  const auto is_nested = [](const Json& item) { return item.is_list() || item.is_null(); };
  if (!config.is_list() || std::ranges::none_of(config.as_list(), is_nested)) {
    return metrics_from(config);
  }
  std::vector<std::vector<Metric>> lists;
  for (const Json& item : config.as_list()) lists.push_back(metrics_from(item));
  return by_output(std::move(lists));
}

std::vector<double> LossWeights::of(const Names& outputs) const {
  std::vector<double> weights(outputs.size(), 1);
  if (!list_.empty()) {
    check_count("loss_weights", list_.size(), outputs);
    return list_;
  }
  check_names("loss_weights", by_name_, outputs);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto found = by_name_.find(outputs[i]);
    if (found != by_name_.end()) weights[i] = found->second;
  }
  return weights;
}

Json LossWeights::config() const {
  if (!list_.empty()) return config_of(list_);
  return by_name_.empty() ? Json() : config_of(by_name_);
}

LossWeights LossWeights::from_config(const Json& config) {
  LossWeights weights;
  if (config.is_dict()) {
    for (const auto& [name, weight] : config.as_dict()) weights.by_name_[name] = weight.as_double();
  } else if (config.is_list()) {
    from_json(config, weights.list_);
  } else if (!config.is_null()) {
    weights.list_ = {config.as_double()};
  }
  return weights;
}

}  // namespace banach
