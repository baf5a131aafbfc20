#pragma once

#include <banach/models/model.hpp>

#include <optional>
#include <string>

namespace banach {

/// The quantity of the logs that a callback watches, and which of two values is the better one.
/// Keras: callbacks/monitor_callback.py.
class Monitor {
 public:
  /// `mode` is "min", "max" or "auto"; a change of less than |min_delta| is none. InvalidArgument
  /// for another mode; Keras warns and takes "auto".
  Monitor(std::string callback, std::string quantity, const std::string& mode,
          double min_delta = 0);

  const std::string& quantity() const { return quantity_; }

  /// Before a training: in mode "auto" a loss shall fall and a metric goes where Keras knows that
  /// it should. InvalidArgument when that is not known.
  void settle(const Model& model);
  /// The quantity; without it a warning, once a training, that begins with `warning` and names what
  /// there is.
  std::optional<double> find(const Logs& logs, const std::string& warning);
  /// Compared in config::floatx(), as Keras does; anything improves on nothing, NaN on nothing
  /// else.
  bool improves(double value, const std::optional<double>& than) const;

 private:
  Metric::Direction auto_direction(const Model& model) const;

  std::string callback_, quantity_;
  Metric::Direction asked_, direction_;
  double min_delta_;
  bool warned_ = false;
};

}  // namespace banach
