#pragma once

#include <banach/models/snn_network.hpp>
#include <banach/snn/moments.hpp>

#include <optional>
#include <vector>

namespace banach::snn::detail {

struct ExpectOptions {
  /// Of the model's inputs, in order; by default mean 0 and variance 1 of each.
  std::vector<Moments> inputs = {};
  bool training = false;  ///< dropout drops
};

/// Mean and variance that theory expects of each call's output over its elements: the map of means
/// and variances with the sums of the weights as they are, or as the initializer makes them before
/// the layer is built. None where theory says nothing: other activations than SELU, ReLU and ELU,
/// activations of what is not normal, sums of branches, pooling, and all behind. Weighted sums are
/// taken as normal and their inputs as independent, as in the paper, convolutions as without a
/// border.
std::vector<std::optional<Moments>> expected_moments(const Network& network,
                                                     const ExpectOptions& options = {});

}  // namespace banach::snn::detail
