#include <banach/models/training_state.hpp>

#include <fmt/format.h>

namespace banach {

void TrainingState::describe(Fields& fields) {
  std::optional<std::int64_t> seed = shuffle_seed;  // as JSON has it; all bits are used
  fields.required("epochs", epochs).required("shuffle_seed", seed)("run", run);
  shuffle_seed = seed;
  if (epochs < 0) {
    throw InvalidArgument(
        fmt::format("[{}] epochs: expected a number >= 0, received {}", fields.where(), epochs));
  }
}

Json to_json(const TrainingState& state) {
  Fields fields;
  TrainingState(state).describe(fields);
  return fields.written();
}

void from_json(const Json& json, TrainingState& state) {
  Fields fields(json, "training");
  state.describe(fields);
}

}  // namespace banach
