#include <banach/core/errors.hpp>
#include <banach/models/model.hpp>
#include <banach/train/messages.hpp>
#include <banach/train/terminate_on_nan.hpp>

#include <cmath>
#include <fmt/format.h>

namespace banach::callbacks {

void TerminateOnNaN::on_train_batch_end(std::int64_t batch, const Logs& logs) {
  const auto loss = logs.find("loss");
  if (loss == logs.end() || std::isfinite(loss->second)) return;
  if (options_.raise_error) {
    throw RuntimeError(
        fmt::format("NaN or Inf loss encountered at batch {}. Loss value: {}. Terminating training "
                    "immediately.",
                    batch, python_repr(loss->second)));
  }
  print_message(fmt::format("Batch {}: Invalid loss, terminating training", batch));
  model().stop_training();
}

}  // namespace banach::callbacks
