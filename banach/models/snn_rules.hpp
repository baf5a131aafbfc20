#pragma once

#include <banach/models/activation_statistics.hpp>
#include <banach/models/snn_check.hpp>
#include <banach/models/snn_network.hpp>

#include <vector>

namespace banach::snn::detail {

/// What the rules are about. `measured` has an entry a node, or none without data.
struct Evidence {
  const Network& network;
  std::vector<ActivationStatistics> measured = {};
};

/// What all rules find, in the order of their list.
std::vector<Finding> apply_rules(const Evidence& evidence);

}  // namespace banach::snn::detail
