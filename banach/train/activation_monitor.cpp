#include <banach/core/errors.hpp>
#include <banach/core/suggest.hpp>
#include <banach/formats/event_file.hpp>
#include <banach/models/activation_statistics.hpp>
#include <banach/models/layer_outputs.hpp>
#include <banach/models/runtime.hpp>
#include <banach/models/snn_network.hpp>
#include <banach/train/activation_monitor.hpp>
#include <banach/train/data.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>

namespace banach::callbacks {
namespace {

std::vector<Shape> shapes_of(const std::vector<Array>& arrays) {
  std::vector<Shape> shapes;
  for (const Array& array : arrays) shapes.push_back(array.shape());
  return shapes;
}

double sum_of_squares(const Array& array) {
  const double center = mean(array);
  return (variance(array) + center * center) * static_cast<double>(array.size());
}

// The norms of the loss' gradients by layers' weights.
class Gradients {
 public:
  Gradients(Model& model, Data data)
      : data_(std::move(data)),
        weights_(model.trainable_weights()),
        program_(build_gradient_program(model, shapes_of(data_.x), shapes_of(data_.y))) {}

  void run() {
    const ContextLease context = program_->lease();
    std::size_t input = 0;
    for (const auto* arrays : {&data_.x, &data_.y}) {
      for (const Array& array : *arrays) context->set_input(input++, array);
    }
    for (std::size_t i = 0; i < data_.y.size(); ++i) {
      context->set_input(input++, Array::full({data_.size()}, 1));
    }
    context->run();
    squares_.clear();
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      squares_.push_back(sum_of_squares(context->get_output(i)));
    }
  }

  // None for a layer without trainable weights.
  std::optional<double> norm(const Layer& layer) const {
    double sum = 0;
    const std::vector<Variable> of_layer = layer.trainable_weights();
    for (const Variable& weight : of_layer) {
      const auto found = std::ranges::find(weights_, weight);
      if (found != weights_.end())
        sum += squares_[static_cast<std::size_t>(found - weights_.begin())];
    }
    return of_layer.empty() ? std::nullopt : std::optional(std::sqrt(sum));
  }

 private:
  Data data_;
  std::vector<Variable> weights_;
  std::shared_ptr<const Program> program_;
  std::vector<double> squares_;  // of each weight's gradient
};

}  // namespace

// What is measured of one model.
class ActivationMonitor::Watch {
 public:
  Watch(Model& model, const Arrays& x, const ActivationMonitorOptions& options)
      : x_(x.in_order(model.input_names(), "ActivationMonitor", "x")), outputs_(model, x_) {
    check_input(model, x_, "ActivationMonitor");
    choose_layers(options.layers);
    if (options.y) {
      Data data = make_data(model, x, *options.y, std::nullopt, "ActivationMonitor");
      check_data(model, data, "ActivationMonitor");
      gradients_.emplace(model, std::move(data));
    }
    if (!options.log_dir.empty()) {
      writer_.emplace((std::filesystem::path(options.log_dir) / "activations").string());
    }
  }

  Logs measure(std::int64_t epoch) {
    Logs logs;
    if (gradients_) gradients_->run();
    outputs_.run(x_, x_.front().dim(0), [&](std::size_t call, const Array& values) {
      if (watched_[call]) add(logs, network_.nodes[call], values, epoch);
    });
    if (writer_) writer_->flush();
    return logs;
  }

 private:
  void choose_layers(const std::vector<std::string>& names) {
    std::vector<std::string> known;
    for (const auto& node : network_.nodes) {
      const bool has_values = node.kind == snn::detail::LayerKind::activation ||
                              !node.call.layer->own_weights().empty();
      const bool named = std::ranges::find(names, node.call.path) != names.end();
      watched_.push_back(names.empty() ? has_values : named);
      known.push_back(node.call.path);
    }
    for (const std::string& name : names) {
      if (std::ranges::find(known, name) != known.end()) continue;
      throw InvalidArgument(fmt::format("[ActivationMonitor] no layer '{}'. {}The layers: {}", name,
                                        did_you_mean(name, known), join(known)));
    }
  }

  void add(Logs& logs, const snn::detail::LayerNode& node, const Array& values,
           std::int64_t epoch) {
    constexpr double kNear = 0.99;
    const std::string& name = node.call.name;
    ActivationStatistics statistics;
    if (node.selu) {
      statistics = ActivationStatistics(kNear * snn::detail::constants_of(*node.selu).limit());
    }
    statistics.add(values);
    const snn::Moments moments = statistics.moments();
    logs[name + "/mean"] = moments.mean;
    logs[name + "/variance"] = moments.variance;
    if (node.selu) logs[name + "/saturation"] = statistics.saturation();
    if (const auto norm = gradients_ ? gradients_->norm(*node.call.layer) : std::nullopt) {
      logs[name + "/gradient_norm"] = *norm;
    }
    if (writer_) writer_->histogram(name + "/activations", values, epoch);
  }

  std::vector<Array> x_;
  LayerOutputs outputs_;
  snn::detail::Network network_ = snn::detail::network_of(outputs_.layers());
  std::vector<bool> watched_;  // by call
  std::optional<Gradients> gradients_;
  std::optional<formats::EventWriter> writer_;
};

ActivationMonitor::ActivationMonitor(Arrays x, const ActivationMonitorOptions& options)
    : x_(std::move(x)), options_(options) {}

void ActivationMonitor::on_train_begin(const Logs&) {
  watch_ = std::make_shared<Watch>(model(), x_, options_);
}

void ActivationMonitor::on_epoch_end(std::int64_t epoch, Logs& logs) {
  added_.clear();
  for (const auto& [name, value] : watch_->measure(epoch)) {
    logs[name] = value;
    added_.push_back(name);
  }
}

void ActivationMonitor::on_train_end(const Logs&) { watch_ = nullptr; }

bool ActivationMonitor::shows(const std::string& log_name) const {
  return std::ranges::find(added_, log_name) == added_.end();
}

}  // namespace banach::callbacks
