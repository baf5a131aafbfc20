#pragma once

#include <banach/core/dtype.hpp>

#include <string>

namespace banach::config {

/// The dtype of weights and activations of layers made from now on; float32 at first.
DType floatx();
void set_floatx(DType dtype);  ///< float32 or float64, else InvalidArgument
void set_floatx(const std::string& name);

}  // namespace banach::config
