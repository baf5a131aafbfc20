#pragma once

#include <banach/models/model.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace banach::bench {

enum class Kind { train, predict };

/// One line of cases.json, the list that the floor, banach and the peers all run.
struct Case {
  std::string name;
  Kind kind = Kind::train;
  Shape input_shape;  ///< of one sample
  std::int64_t batch = 0;
  std::int64_t samples = 0;  ///< what one measurement takes: a batch, in training
  std::string policy;        ///< "float32" or "mixed_bfloat16"
  std::string optimizer;     ///< empty for prediction
  bool needs_gpu = false;    ///< nothing to measure on a CPU
  std::function<std::shared_ptr<Model>()> make_network;  ///< new weights each time

  Shape x_shape() const { return Shape{batch}.concat(input_shape); }
  Shape y_shape() const { return {batch, 10}; }
};

/// The text of cases.json.
extern const char* const kCasesJson;
/// Throws InvalidArgument, with the name, for what a list must not say.
std::vector<Case> read_cases(const std::string& json = kCasesJson);
/// InvalidArgument for a name that is not in the list.
const Case& find_case(const std::vector<Case>& cases, std::string_view name);

/// The network, compiled for classification when the case is a training.
std::shared_ptr<Model> make_model(const Case& item);

/// Images of noise and classes that follow from them: as costly as any, and learnable.
struct Samples {
  Array x, y;  // (count, ...), (count, 10)
};
Samples make_samples(const Case& item, std::int64_t count);

}  // namespace banach::bench
