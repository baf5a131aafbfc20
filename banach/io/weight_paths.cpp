#include <banach/io/weight_paths.hpp>

#include <map>
#include <set>

namespace banach {
namespace {

// "dense", "dense_1", ... within one container.
class ClassNumbers {
 public:
  std::string name(const Layer& layer) {
    const std::string stem = to_snake_case(layer.class_name());
    const int number = used_[stem]++;
    return number == 0 ? stem : stem + "_" + std::to_string(number);
  }

 private:
  std::map<std::string, int> used_;
};

class Walk {
 public:
  std::vector<LayerPath> paths;

  void visit(const Layer& layer, const std::string& path, const std::string& name_path) {
    if (!seen_.insert(layer.id()).second) return;
    paths.push_back({&layer, path, name_path});
    ClassNumbers numbers;
    for (const Layer* inside : layer.sublayers()) {
      visit(*inside, joined_path(path, "layers/" + numbers.name(*inside)),
            joined_path(name_path, inside->name()));
    }
  }

 private:
  std::set<const void*> seen_;
};

}  // namespace

std::string joined_path(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "/" + name;
}

std::vector<LayerPath> layer_paths(const Model& model) {
  Walk walk;
  walk.visit(model, "", "");
  return std::move(walk.paths);
}

std::string short_name(const Variable& weight) {
  const std::string& name = weight.name();
  return name.substr(name.rfind('/') + 1);
}

std::vector<std::pair<std::string, Variable>> named_weights(const Model& model) {
  std::vector<std::pair<std::string, Variable>> result;
  for (const LayerPath& entry : layer_paths(model)) {
    for (const Variable& weight : entry.layer->own_weights()) {
      result.emplace_back(joined_path(entry.name_path, short_name(weight)), weight);
    }
  }
  return result;
}

}  // namespace banach
