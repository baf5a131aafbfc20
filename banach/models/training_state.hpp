#pragma once

#include <banach/core/fields.hpp>

#include <optional>

namespace banach {

/// The training that a model is in. With `fit({.initial_epoch = n})` where n epochs are done, it
/// goes on as if there had been no pause, to the bit; also from 0, for a file that was saved before
/// the first epoch's end.
struct TrainingState {
  std::int64_t epochs = 0;                    ///< done; the number of the next, from 0
  std::optional<std::uint64_t> shuffle_seed;  ///< of the samples' order; none before the first fit
  Json run = {};  ///< free, for whoever started the training to find again

  void describe(Fields& fields);
};

Json to_json(const TrainingState& state);
void from_json(const Json& json, TrainingState& state);  ///< InvalidArgument names the field

}  // namespace banach
