#pragma once

namespace banach {

/// Whose progress bar: that of Keras 3 or of TensorFlow 2 (tf_keras).
enum class ProgressStyle { keras3, tf2 };

}  // namespace banach
