#pragma once

#include <banach/models/callback.hpp>
#include <banach/models/model.hpp>

namespace banach {

/// All callbacks of a fit or evaluate, told in order.
class CallbackList {
 public:
  CallbackList(Model& model, const std::vector<std::shared_ptr<Callback>>& callbacks);

  bool empty() const { return callbacks_.empty(); }

  /// `callbacks.tell(&Callback::on_epoch_begin, epoch, logs)`.
  template <class... Parameters, class... Arguments>
  void tell(void (Callback::*hook)(Parameters...), const Arguments&... arguments) const {
    for (const auto& callback : callbacks_) (*callback.*hook)(arguments...);
  }

 private:
  std::vector<std::shared_ptr<Callback>> callbacks_;
};

/// The running means by name, each with `prefix` before it.
Logs logs_of(const Model& model, const std::string& prefix = "");

}  // namespace banach
