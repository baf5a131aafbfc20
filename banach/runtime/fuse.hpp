#pragma once

#include <banach/backend/backend.hpp>
#include <banach/graph/tape.hpp>

namespace banach {

/// Matmul or convolution, + bias, activation and AlphaDropout become one node with an epilogue,
/// where each has that one use and the epilogue can give its gradient. Softmax whose crossentropy
/// is on the tape too becomes the crossentropy's own probabilities, and their accuracy is found in
/// the same pass.
Tape fuse(const Tape& tape);

/// A product of bfloat16 or float16 whose only use is a cast to float32 gives float32 at once: its
/// sums are. For the backward pass, whose weight gradients are such.
Tape fuse_casts(const Tape& tape);

/// A product that only the gradient of an epilogue takes, and which may be reshaped before, becomes
/// one node with it where the backend has a kernel for both.
Tape fuse_epilogue_grads(const Tape& tape, const Backend& backend);

/// A product that is a weight's gradient, and that only the weight's update takes, becomes one node
/// with that update where the backend has a kernel for both. It runs as soon as nobody else reads
/// the weight.
Tape fuse_updates(const Tape& tape, const Backend& backend);

/// Replaces every node that the backend has no kernel for: one on bfloat16 or float16 by the
/// same op on float32 between casts, any other by its lowering. NotSupported, naming op, layer and
/// backend, when there is none.
Tape lower(const Tape& tape, const Backend& backend);

}  // namespace banach
