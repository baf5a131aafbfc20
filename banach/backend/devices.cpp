#include <banach/backend/cpu/gemm.hpp>
#include <banach/backend/cpu/gemm_bf16.hpp>
#include <banach/backend/devices.hpp>
#include <banach/core/errors.hpp>

#include <algorithm>
#include <map>
#include <mutex>

namespace banach::config {
namespace {

struct Devices {
  std::mutex mutex;
  bool initialized = false;
  std::map<std::string, bool> growth;
};

Devices& devices() {
  static Devices instance;
  return instance;
}

// All that this build can see. The CUDA module will add the GPUs it finds.
std::vector<PhysicalDevice> all_devices() { return {{"/physical_device:CPU:0", "CPU"}}; }

void check_gpu(const std::string& where, const PhysicalDevice& device) {
  const auto all = all_devices();
  if (std::ranges::find(all, device) == all.end()) {
    throw InvalidArgument("[" + where + "] no device '" + device.name +
                          "': take one from list_physical_devices");
  }
  if (device.device_type != "GPU") {
    throw InvalidArgument("[" + where + "] expected a GPU, received '" + device.name +
                          "': memory growth is a setting of GPUs");
  }
}

}  // namespace

std::vector<PhysicalDevice> list_physical_devices(const std::string& device_type) {
  std::vector<PhysicalDevice> result = all_devices();
  if (!device_type.empty()) {
    std::erase_if(result, [&](const auto& device) { return device.device_type != device_type; });
  }
  return result;
}

std::vector<LogicalDevice> list_logical_devices(const std::string& device_type) {
  std::scoped_lock lock(devices().mutex);
  devices().initialized = true;
  std::vector<LogicalDevice> result;
  for (const PhysicalDevice& device : list_physical_devices(device_type)) {
    result.push_back(
        {"/device:" + device.name.substr(device.name.find(':') + 1), device.device_type});
  }
  return result;
}

void set_memory_growth(const PhysicalDevice& device, bool enable) {
  check_gpu("set_memory_growth", device);
  std::scoped_lock lock(devices().mutex);
  if (devices().initialized) {
    throw RuntimeError("Physical devices cannot be modified after being initialized");
  }
  devices().growth[device.name] = enable;
}

bool get_memory_growth(const PhysicalDevice& device) {
  check_gpu("get_memory_growth", device);
  std::scoped_lock lock(devices().mutex);
  return devices().growth[device.name];
}

CpuFeatures cpu_features() {
  const std::string kernel = cpu::gemm_implementation();  // "gemm:avx2"
  return {kernel.substr(kernel.find(':') + 1), cpu::has_bf16_products()};
}

}  // namespace banach::config
