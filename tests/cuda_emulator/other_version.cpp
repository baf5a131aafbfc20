// A module of another banach, which must be refused: of a version that never was, or of this
// version and another interface.
#include <banach/backend/gpu_module.hpp>

extern "C" const banach::GpuModule* banach_gpu_module() {
  static const banach::GpuModule module = {BANACH_OTHER_VERSION,
                                           banach::kGpuInterface + BANACH_OTHER_INTERFACE, 13000,
                                           nullptr, nullptr};
  return &module;
}
