#include <banach/core/errors.hpp>
#include <banach/models/runtime.hpp>
#include <banach/train/callback_list.hpp>

namespace banach {

CallbackList::CallbackList(Model& model, const std::vector<std::shared_ptr<Callback>>& callbacks)
    : callbacks_(callbacks) {
  for (const auto& callback : callbacks_) {
    if (!callback) throw InvalidArgument("[callbacks] a callback is null");
    callback->set_model(&model);
  }
}

Logs logs_of(const Model& model, const std::string& prefix) {
  Logs logs;
  for (const auto& [name, value] : metric_values(model)) logs[prefix + name] = value;
  return logs;
}

}  // namespace banach
