#include <banach/models/clone_model.hpp>
#include <banach/models/model_config.hpp>

namespace banach::models {

std::shared_ptr<Model> clone_model(const Model& model) {
  return std::dynamic_pointer_cast<Model>(deserialize(serialize(model)));
}

}  // namespace banach::models
