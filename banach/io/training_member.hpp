#pragma once

#include <banach/models/model.hpp>

#include <string>

namespace banach {

/// What a training needs to go on to the bit, beside the weights and the optimizer's state: its
/// TrainingState, the number of the step that masks follow from, and the seeds of the layers that
/// draw them, by their paths. Null for a model that was not trained.
Json training_json(const Model& model);

/// The same, into a model of these layers. Corruption, beginning with `where`; then the model is as
/// it was.
void read_training(const Json& json, Model& model, const std::string& where);

}  // namespace banach
