#pragma once

#include <banach/graph/tape.hpp>

namespace banach {

/// dJ/dx for every x of `with_respect_to`, where J is the scalar `loss`: the reverse walk over the
/// nodes between them. An x that J does not depend on gets zeros.
Tensors gradients(const Tensor& loss, const Tensors& with_respect_to);

}  // namespace banach
