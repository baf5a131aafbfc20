#pragma once

#include <banach/models/model.hpp>

namespace banach {

/// All callbacks of a fit or evaluate, told in order.
class CallbackList {
 public:
  CallbackList(Model& model, const Callbacks& callbacks, const TrainingParams& params);

  bool empty() const { return callbacks_.empty(); }

  /// `callbacks.tell(&Callback::on_epoch_begin, epoch, logs)`.
  template <class... Parameters, class... Arguments>
  void tell(void (Callback::*hook)(Parameters...), Arguments&&... arguments) const {
    for (const CallbackPtr& callback : callbacks_) (callback.get()->*hook)(arguments...);
  }

  /// The logs without what a callback does not show.
  Logs shown(Logs logs) const;

 private:
  Callbacks callbacks_;
};

/// The running means by name.
Logs logs_of(const Model& model);

}  // namespace banach
