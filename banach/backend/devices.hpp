#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace banach {

class Backend;

/// While it lives, models of this thread run on its device; made by device().
class [[nodiscard]] DeviceScope {
 public:
  explicit DeviceScope(std::shared_ptr<const Backend> backend);
  ~DeviceScope();
  DeviceScope(const DeviceScope&) = delete;
  DeviceScope& operator=(const DeviceScope&) = delete;

 private:
  std::shared_ptr<const Backend> before_;
};

/// `const auto scope = device("GPU:0");`, as `with keras.device("gpu:0"):`. Also "cpu", "gpu",
/// "/GPU:0" and "/device:GPU:0". Without one, models run on the first GPU, or on the CPU when there
/// is none. Weights move by themselves. NotFound for a device that this machine does not have;
/// DeviceError when it has it but it cannot be used.
DeviceScope device(const std::string& name);

namespace config {

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
/// GPUs that are there but cannot be used are left out, with a warning that says why.
std::vector<PhysicalDevice> list_physical_devices(const std::string& device_type = "");
/// Why there is no GPU: no module for them, no driver, or what is wrong with these; empty where
/// there is one.
std::string why_no_gpu();

/// As tf.config.experimental.get_device_details gives it.
struct DeviceDetails {
  std::string device_name;  ///< "NVIDIA H100"
};
/// Of a GPU; InvalidArgument for a device that does not exist or is none.
DeviceDetails get_device_details(const PhysicalDevice& device);

/// The same, initialising the devices: from then on they cannot be configured. A program that is
/// made for a GPU does so too.
std::vector<LogicalDevice> list_logical_devices(const std::string& device_type = "");

/// Whether a GPU's memory grows with need instead of being taken whole. InvalidArgument for a
/// device that does not exist or is no GPU, or that has a memory limit; RuntimeError once the
/// devices are initialised.
void set_memory_growth(const PhysicalDevice& device, bool enable);
bool get_memory_growth(const PhysicalDevice& device);

/// As tf.config.LogicalDeviceConfiguration.
struct LogicalDeviceConfiguration {
  std::optional<std::uint64_t> memory_limit;  ///< in MB (2^20 bytes); all there is when not given
};
/// Limits a GPU's memory; one logical device a GPU. Errors as of set_memory_growth.
void set_logical_device_configuration(const PhysicalDevice& device,
                                      const std::vector<LogicalDeviceConfiguration>& logical);

/// Bytes of a GPU that this process uses.
struct MemoryInfo {
  std::uint64_t current = 0, peak = 0;
};
/// Of "GPU:0"; InvalidArgument for a CPU, whose memory is not counted.
MemoryInfo get_memory_info(const std::string& device);

/// What the kernels use of this machine's processor.
struct CpuFeatures {
  std::string simd;  ///< the instruction set chosen at run time, by Highway's name: "avx3_zen4"
  /// What it multiplies bfloat16 with: "AMX", "AVX-512 BF16"; empty: with float32's instructions.
  std::string bfloat16;
};
CpuFeatures cpu_features();

/// The names the tutorial uses.
namespace experimental {
/// As in TensorFlow, but off unless enabled: whether products and convolutions of float32 on a GPU
/// may round their factors to 10 bits of fraction (TF32), which its matrix units multiply several
/// times faster. Counts for programs that are made from then on.
void enable_tensor_float_32_execution(bool enabled);
bool tensor_float_32_execution_enabled();

using config::get_device_details;
using config::get_memory_growth;
using config::get_memory_info;
using config::list_logical_devices;
using config::list_physical_devices;
using config::set_memory_growth;
}  // namespace experimental

}  // namespace config
}  // namespace banach
