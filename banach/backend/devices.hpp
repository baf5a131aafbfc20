#pragma once

#include <string>
#include <vector>

namespace banach::config {

/// A device as the machine has it, as tf.config.PhysicalDevice.
struct PhysicalDevice {
  std::string name;         ///< "/physical_device:GPU:0"
  std::string device_type;  ///< "CPU" or "GPU"
  bool operator==(const PhysicalDevice&) const = default;
};

/// A device as programs use it, as tf.config.LogicalDevice.
struct LogicalDevice {
  std::string name;  ///< "/device:GPU:0"
  std::string device_type;
};

/// Devices of a type ("CPU", "GPU"), or all; without CUDA there are no GPUs, which is no error.
std::vector<PhysicalDevice> list_physical_devices(const std::string& device_type = "");
/// The same, initialising the devices: from then on they cannot be configured.
std::vector<LogicalDevice> list_logical_devices(const std::string& device_type = "");

/// Whether a GPU's memory grows with need instead of being taken whole. InvalidArgument for a
/// device that does not exist or is no GPU; RuntimeError once the devices are initialised.
void set_memory_growth(const PhysicalDevice& device, bool enable);
bool get_memory_growth(const PhysicalDevice& device);

/// What the kernels use of this machine's processor.
struct CpuFeatures {
  std::string simd;  ///< the instruction set chosen at run time, by Highway's name: "avx3_zen4"
  bool bfloat16 = false;  ///< whether it multiplies bfloat16 itself (AVX-512 BF16)
};
CpuFeatures cpu_features();

/// The names the tutorial uses.
namespace experimental {
using config::get_memory_growth;
using config::list_logical_devices;
using config::list_physical_devices;
using config::set_memory_growth;
}  // namespace experimental

}  // namespace banach::config
