#include <banach/core/errors.hpp>
#include <banach/io/training_member.hpp>
#include <banach/io/weight_paths.hpp>
#include <banach/models/runtime.hpp>

#include <fmt/format.h>

namespace banach {
namespace {

// By their paths, where names that nobody gave do not count. A layer that several models share is
// met, and listed, once.
class RandomLayers {
 public:
  explicit RandomLayers(const Model& model) {
    for (const LayerPath& entry : layer_paths(model)) {
      // The seed belongs to all handles of the layer, as its weights do.
      std::uint64_t* seed = const_cast<Layer*>(entry.layer)->random_seed();
      if (seed != nullptr) found_.push_back({entry.path, entry.name_path, seed});
    }
  }

  Json seeds() const {
    Json seeds = Json::dict();
    for (const Found& layer : found_) seeds[layer.path] = static_cast<std::int64_t>(*layer.seed);
    return seeds;
  }

  void set_seeds(const Json& seeds) const {
    if (!seeds.is_dict() || seeds.as_dict().size() != found_.size()) {
      throw InvalidArgument(
          fmt::format("[training] seeds: expected a dict of {} layers, received {}", found_.size(),
                      seeds.is_dict() ? fmt::format("{}", seeds.as_dict().size()) : seeds.kind()));
    }
    Fields fields(seeds, "training, seeds");
    std::vector<std::int64_t> values(found_.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto& [path, name_path, seed] = found_[i];
      // Files of banach 0.1 list the layers by their names.
      fields.required(seeds.find(path) == nullptr ? name_path : path, values[i]);
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      *found_[i].seed = static_cast<std::uint64_t>(values[i]);
    }
  }

 private:
  struct Found {
    std::string path, name_path;
    std::uint64_t* seed;
  };
  std::vector<Found> found_;
};

std::int64_t random_step(const Model& model) {
  return model.runtime().random_step.value().to_vector<std::int64_t>().front();
}

void read(const Json& json, Model& model) {
  TrainingState state;
  std::int64_t step = 0;
  Json seeds;
  Fields fields(json, "training");
  state.describe(fields);
  fields.required("random_step", step).required("seeds", seeds);
  if (step < 0) {
    throw InvalidArgument(
        fmt::format("[training] random_step: expected a number >= 0, received {}", step));
  }
  RandomLayers(model).set_seeds(seeds);
  model.training_state() = std::move(state);
  Array number({}, int64);
  number.mutable_values<std::int64_t>()[0] = step;
  model.runtime().random_step.assign(number);
}

}  // namespace

Json training_json(const Model& model) {
  if (random_step(model) == 0 && !model.training_state().shuffle_seed) return {};
  Json json = to_json(model.training_state());
  json["random_step"] = random_step(model);
  json["seeds"] = RandomLayers(model).seeds();
  return json;
}

void read_training(const Json& json, Model& model, const std::string& where) {
  try {
    read(json, model);
  } catch (const InvalidArgument& error) {
    throw Corruption(fmt::format("{}: {}", where, error.what()));
  }
}

}  // namespace banach
