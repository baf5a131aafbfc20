#include <banach/core/errors.hpp>
#include <banach/models/runtime.hpp>
#include <banach/train/callback_list.hpp>

namespace banach {

CallbackList::CallbackList(Model& model, const Callbacks& callbacks, const TrainingParams& params)
    : callbacks_(callbacks) {
  for (const CallbackPtr& callback : callbacks_) {
    if (!callback.get()) throw InvalidArgument("[callbacks] a callback is null");
    callback.get()->set_model(&model);
    callback.get()->set_params(params);
  }
}

Logs CallbackList::shown(Logs logs) const {
  for (const CallbackPtr& callback : callbacks_) {
    std::erase_if(logs, [&](const auto& entry) { return !callback.get()->shows(entry.first); });
  }
  return logs;
}

Logs logs_of(const Model& model) {
  const auto values = metric_values(model);
  return Logs(values.begin(), values.end());
}

}  // namespace banach
