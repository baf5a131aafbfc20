#include <banach/backend/cpu/gemm_bf16.hpp>
#include <banach/backend/device_options.hpp>
#include <banach/backend/devices.hpp>
#include <banach/core/errors.hpp>
#include <banach/core/simd_targets.hpp>

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <map>
#include <mutex>

namespace banach {
namespace {

struct Settings {
  std::mutex mutex;
  bool initialized = false;
  std::atomic<bool> tensor_float_32 = false;
  std::map<std::string, GpuOptions> gpus;  // by name of the physical device
};

Settings& settings() {
  static Settings instance;
  return instance;
}

std::string gpu_name(std::size_t ordinal) {
  return fmt::format("/physical_device:GPU:{}", ordinal);
}

std::vector<config::PhysicalDevice> all_devices() {
  std::vector<config::PhysicalDevice> devices = {{"/physical_device:CPU:0", "CPU"}};
  for (std::size_t i = 0; i < find_gpus().names.size(); ++i)
    devices.push_back({gpu_name(i), "GPU"});
  return devices;
}

void check_gpu(const std::string& where, const config::PhysicalDevice& device) {
  const auto all = all_devices();
  if (std::ranges::find(all, device) == all.end()) {
    throw InvalidArgument("[" + where + "] no device '" + device.name +
                          "': take one from list_physical_devices");
  }
  if (device.device_type != "GPU") {
    throw InvalidArgument("[" + where + "] expected a GPU, received '" + device.name +
                          "': its memory is not configured");
  }
}

// The options of a GPU, to be changed under the lock.
GpuOptions& changeable(Settings& all, const config::PhysicalDevice& device) {
  if (all.initialized) {
    throw RuntimeError("Physical devices cannot be modified after being initialized");
  }
  return all.gpus[device.name];
}

}  // namespace

GpuOptions settle_gpu_options(int ordinal) {
  const std::scoped_lock lock(settings().mutex);
  settings().initialized = true;
  return settings().gpus[gpu_name(static_cast<std::size_t>(ordinal))];
}

namespace config {

std::vector<PhysicalDevice> list_physical_devices(const std::string& device_type) {
  std::vector<PhysicalDevice> result = all_devices();
  if (!device_type.empty()) {
    std::erase_if(result, [&](const auto& device) { return device.device_type != device_type; });
  }
  return result;
}

std::string why_no_gpu() { return find_gpus().reason; }

DeviceDetails get_device_details(const PhysicalDevice& device) {
  check_gpu("get_device_details", device);
  const std::vector<PhysicalDevice> gpus = list_physical_devices("GPU");
  const auto found = std::ranges::find(gpus, device);
  return {find_gpus().names.at(static_cast<std::size_t>(found - gpus.begin()))};
}

std::vector<LogicalDevice> list_logical_devices(const std::string& device_type) {
  std::scoped_lock lock(settings().mutex);
  settings().initialized = true;
  std::vector<LogicalDevice> result;
  for (const PhysicalDevice& device : list_physical_devices(device_type)) {
    result.push_back(
        {"/device:" + device.name.substr(device.name.find(':') + 1), device.device_type});
  }
  return result;
}

void set_memory_growth(const PhysicalDevice& device, bool enable) {
  check_gpu("set_memory_growth", device);
  std::scoped_lock lock(settings().mutex);
  GpuOptions& options = changeable(settings(), device);
  if (enable && options.memory_limit > 0) {
    throw InvalidArgument("Cannot set memory growth on device when virtual devices configured");
  }
  options.memory_growth = enable;
}

bool get_memory_growth(const PhysicalDevice& device) {
  check_gpu("get_memory_growth", device);
  std::scoped_lock lock(settings().mutex);
  return settings().gpus[device.name].memory_growth;
}

void set_logical_device_configuration(const PhysicalDevice& device,
                                      const std::vector<LogicalDeviceConfiguration>& logical) {
  const std::string where = "set_logical_device_configuration";
  check_gpu(where, device);
  if (logical.size() != 1) {
    throw InvalidArgument(fmt::format("[{}] expected one logical device for a GPU, received {}",
                                      where, logical.size()));
  }
  std::scoped_lock lock(settings().mutex);
  GpuOptions& options = changeable(settings(), device);
  if (logical[0].memory_limit && options.memory_growth) {
    throw InvalidArgument("Cannot configure a memory limit when memory growth is set");
  }
  options.memory_limit = logical[0].memory_limit.value_or(0) << 20;
}

void experimental::enable_tensor_float_32_execution(bool enabled) {
  settings().tensor_float_32 = enabled;
}
bool experimental::tensor_float_32_execution_enabled() { return settings().tensor_float_32; }

CpuFeatures cpu_features() {
  const std::string simd = simd_target_name();
  switch (cpu::half_products()) {
    case cpu::HalfProducts::amx: return {simd, "AMX"};
    case cpu::HalfProducts::avx512: return {simd, "AVX-512 BF16"};
    case cpu::HalfProducts::none: break;
  }
  return {simd, ""};
}

}  // namespace config
}  // namespace banach
