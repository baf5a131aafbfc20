#include <banach/core/errors.hpp>
#include <banach/io/training_member.hpp>
#include <banach/models/runtime.hpp>

#include <fmt/format.h>
#include <set>

namespace banach {
namespace {

// A layer that several models share is met, and listed, once.
class RandomLayers {
 public:
  explicit RandomLayers(const Layer& model) { walk(model, ""); }

  Json seeds() const {
    Json seeds = Json::dict();
    for (const auto& [path, seed] : found_) seeds[path] = static_cast<std::int64_t>(*seed);
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
    for (std::size_t i = 0; i < values.size(); ++i) fields.required(found_[i].first, values[i]);
    for (std::size_t i = 0; i < values.size(); ++i) {
      *found_[i].second = static_cast<std::uint64_t>(values[i]);
    }
  }

 private:
  void walk(const Layer& layer, const std::string& prefix) {
    for (Layer* inner : layer.sublayers()) {
      if (!met_.insert(inner->id()).second) continue;
      const std::string path = prefix + inner->name();
      if (std::uint64_t* seed = inner->random_seed()) found_.emplace_back(path, seed);
      walk(*inner, path + "/");
    }
  }

  std::set<const void*> met_;
  std::vector<std::pair<std::string, std::uint64_t*>> found_;
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
