#pragma once

#include <banach/core/array.hpp>

#include <cstdint>

namespace banach {

/// While it lives, layers that this thread builds get zeros instead of initial values, because a
/// file's weights are about to take their place. InvalidArgument, beginning with the layer, when
/// they ask for more than `max_bytes` together: then the config does not belong to the weights.
class BlankWeights {
 public:
  explicit BlankWeights(std::uint64_t max_bytes);
  ~BlankWeights();
  BlankWeights(const BlankWeights&) = delete;
  BlankWeights& operator=(const BlankWeights&) = delete;

  static BlankWeights* current();  ///< null when none lives
  Array make(const std::string& name, const Shape& shape, DType dtype);

 private:
  std::uint64_t max_bytes_, left_;
  BlankWeights* previous_;
};

}  // namespace banach
