#pragma once

#include <banach/snn/moments.hpp>
#include <banach/snn/selu.hpp>

namespace banach::snn {

/// E[selu'(z)^2] for z ~ `z`: the factor by which a layer with weights of mean 0 and variance
/// 1 / (its units) multiplies the mean square of gradients on their way back. It is 1.0716 at the
/// fixed point (0, 1), so SELU keeps activations but not quite gradients. Not in the paper; follows
/// from its assumption of independent weights.
/// InvalidArgument as in mean_variance_map().
double backward_gain(const Moments& z = {}, const SeluConstants& constants = {});

/// backward_gain(z, constants)^hops, of the first layer's gradients over those `hops` layers later:
/// 1.74 for 8, 77.9 for 63. InvalidArgument for hops < 0.
double gradient_growth(int hops, const Moments& z = {}, const SeluConstants& constants = {});

}  // namespace banach::snn
