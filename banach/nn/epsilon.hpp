#pragma once

namespace banach::config {

constexpr double epsilon() { return 1e-7; }  ///< keras.config.epsilon(), which cannot be set here

}  // namespace banach::config
