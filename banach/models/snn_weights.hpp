#pragma once

#include <banach/models/snn_network.hpp>
#include <banach/snn/moments.hpp>

#include <optional>
#include <vector>

namespace banach::snn::detail {

/// Sums of a unit's initial weights, as its initializer makes them on average. None when that
/// depends on a shape which is not known yet, and for a function of your own.
std::optional<WeightSums> initial_sums(const LayerNode& node);

/// Sums of each unit's weights as they are; empty before the layer is built. A unit of a
/// convolution is a filter.
std::vector<WeightSums> unit_sums(const LayerNode& node);
/// Each unit's bias, as many as there are units: zeros for a layer without.
std::vector<double> unit_biases(const LayerNode& node, std::size_t units);

/// The kernel's shape; none before the layer is built.
std::optional<Shape> kernel_shape(const LayerNode& node);

}  // namespace banach::snn::detail
