#pragma once

#include <cli/command.hpp>
#include <cli/samples.hpp>

#include <banach/core/fields.hpp>

#include <optional>

namespace banach::cli {

/// What a training is made of beside its model. A checkpoint keeps it, so that resuming needs no
/// more than the file.
struct TrainingSettings {
  std::optional<std::string> data;
  DataOptions reading;
  std::optional<bool> no_shuffle;
  std::optional<std::int64_t> epochs, batch_size;
  std::optional<double> validation_split;

  void describe(Fields& fields);
};

void add_training_settings(Command command, TrainingSettings& settings);

/// `given`, and where it says nothing what `stored`, a dict from to_json(), says.
TrainingSettings merged(const TrainingSettings& given, const Json& stored);
Json to_json(const TrainingSettings& settings);

/// UsageError without data.
Samples read_samples(const Model& model, const TrainingSettings& settings);

}  // namespace banach::cli
