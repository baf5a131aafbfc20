#pragma once

#include <banach/core/host_device.hpp>

#include <cstdint>

namespace banach {

/// The class that a label names, a number kept in floating point whose fraction is cut off as by
/// Keras' cast to an integer; -1 when it is none of `classes`, as NaN is.
template <class T>
BANACH_HOST_DEVICE std::int64_t class_of(T label, std::int64_t classes) {
  return label > -1 && label < static_cast<T>(classes) ? static_cast<std::int64_t>(label) : -1;
}

}  // namespace banach
