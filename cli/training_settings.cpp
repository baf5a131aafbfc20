#include <cli/training_settings.hpp>

#include <cli/errors.hpp>

namespace banach::cli {
namespace {

// Options that were not given are null, empty or false.
bool is_given(const Json& value) {
  return !value.is_null() && value != Json("") && value != Json::list() && value != Json(false);
}

}  // namespace

void TrainingSettings::describe(Fields& fields) {
  fields("data", data)("target", reading.target)("ignore", reading.ignore);
  fields("no_rescale", reading.no_rescale)("no_shuffle", no_shuffle);
  fields("epochs", epochs)("batch_size", batch_size)("validation_split", validation_split);
}

void add_training_settings(Command command, TrainingSettings& settings) {
  command.add_option("--data", settings.data, kDataHelp);
  add_data_options(command, settings.reading);
  command.add_option("--epochs", settings.epochs, "How often the data is gone through (1)")
      .check(check_positive);
  command.add_option("--batch-size", settings.batch_size, "Samples a step (32)")
      .check(check_positive);
  command
      .add_option("--validation-split", settings.validation_split,
                  "The part of the data, from its end, that is not trained on (0)")
      .check_range(0.0, 1.0);
  command.add_flag("--no-shuffle", settings.no_shuffle, "Take the samples as they lie");
}

TrainingSettings merged(const TrainingSettings& given, const Json& stored) {
  Json all = stored.is_dict() ? stored : Json::dict();
  const Json overrides = to_json(given);
  for (const auto& [name, value] : overrides.as_dict()) {
    if (is_given(value)) all[name] = value;
  }
  TrainingSettings result;
  Fields fields(all, "checkpoint");
  result.describe(fields);
  return result;
}

Json to_json(const TrainingSettings& settings) {
  TrainingSettings copy = settings;
  Fields fields;
  copy.describe(fields);
  return fields.written();
}

Samples read_samples(const Model& model, const TrainingSettings& settings) {
  if (!settings.data) throw UsageError("train needs --data, such as --data dataset:mnist");
  return read_samples(model, *settings.data, settings.reading, Part::train);
}

}  // namespace banach::cli
