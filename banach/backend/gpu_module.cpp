#include <banach/backend/gpu_module.hpp>
#include <banach/core/library.hpp>
#include <banach/core/log.hpp>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>

#include <dlfcn.h>

namespace banach {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUseCpu = "Or hide the GPUs with CUDA_VISIBLE_DEVICES= to use the CPU.";

fs::path module_path() {
  if (const char* chosen = std::getenv("BANACH_CUDA_MODULE")) return chosen;
  return library_folder() / "libbanach_cuda.so";
}

// "13.0" of 13000.
std::string cuda_version(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

// What libcuda.so.1, the driver, says. Its functions are looked up, so that nothing needs it.
struct Driver {
  std::vector<std::string> gpus;
  int version = 0;
  std::string problem;  // what is wrong with it
  std::string reason;   // why it has no GPUs, wrong or not
};

template <class Function>
Function* find(void* library, const char* name) {
  return reinterpret_cast<Function*>(dlsym(library, name));
}

constexpr int kLeastMajor = 8;        // compute capability
constexpr int kLeastVersion = 12030;  // of CUDA, whose graphs take kernels after given ones

// For a GPU that is too old; it and those after it are left out: an index counts all before it.
std::string too_old(std::string_view name, int major) {
  return fmt::format("[cuda] {} has compute capability {}.x, and {}.0 is needed. {}", name, major,
                     kLeastMajor, kUseCpu);
}

Driver ask_driver() {
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return {{}, 0, {}, "there is no NVIDIA driver (libcuda.so.1)"};
  const auto init = find<int(unsigned)>(library, "cuInit");
  const auto get_version = find<int(int*)>(library, "cuDriverGetVersion");
  const auto get_count = find<int(int*)>(library, "cuDeviceGetCount");
  const auto get_device = find<int(int*, int)>(library, "cuDeviceGet");
  const auto get_name = find<int(char*, int, int)>(library, "cuDeviceGetName");
  const auto get_attribute = find<int(int*, int, int)>(library, "cuDeviceGetAttribute");
  if (!init || !get_version || !get_count || !get_device || !get_name || !get_attribute) {
    return {{}, 0, {}, "libcuda.so.1 is no NVIDIA driver"};
  }

  constexpr int kNoDevice = 100, kStub = 34;  // CUDA_ERROR_NO_DEVICE, CUDA_ERROR_STUB_LIBRARY
  Driver driver{{}, 0, {}, "the NVIDIA driver shows no GPU; CUDA_VISIBLE_DEVICES can hide them"};
  if (const int status = init(0); status != 0) {
    if (status != kNoDevice && status != kStub) {
      driver.problem = fmt::format(
          "[cuda] the driver (libcuda.so.1) does not start, CUresult {}. See what nvidia-smi says. "
          "{}",
          status, kUseCpu);
    }
    return driver;
  }
  int count = 0;
  get_version(&driver.version);
  get_count(&count);
  for (int i = 0; i < count; ++i) {
    std::array<char, 256> name{};
    int device = 0;
    get_device(&device, i);
    get_name(name.data(), static_cast<int>(name.size()), device);
    constexpr int kCapabilityMajor = 75;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
    int major = 0;
    get_attribute(&major, kCapabilityMajor, device);
    if (major < kLeastMajor) {
      if (i == 0) driver.problem = too_old(name.data(), major);
      break;
    }
    driver.gpus.emplace_back(name.data());
  }
  return driver;
}

// The module of a file; null, with the reason in `problem`, when it is not to be used.
const GpuModule* load(const fs::path& path, int driver_version, std::string& problem) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    problem = fmt::format("[cuda] cannot load {}: {}. It needs cuBLASLt and cuDNN 9. {}",
                          path.string(), dlerror(), kUseCpu);
    return nullptr;
  }
  const auto function = find<const GpuModule*()>(library, kGpuModuleFunction);
  const GpuModule* module = function == nullptr ? nullptr : function();
  if (module == nullptr) {
    problem = fmt::format("[cuda] {} is no module of banach: it has no {}. {}", path.string(),
                          kGpuModuleFunction, kUseCpu);
  } else if (module->interface != kGpuInterface ||
             std::string_view(module->banach_version) != BANACH_VERSION) {
    problem = fmt::format(
        "[cuda] {} is of banach {} (interface {}), this is banach {} (interface {}): install both "
        "from one build. {}",
        path.string(), module->banach_version, module->interface, BANACH_VERSION, kGpuInterface,
        kUseCpu);
  } else if (const int needed = std::max(module->runtime_version / 1000 * 1000, kLeastVersion);
             needed > driver_version) {
    problem = fmt::format(
        "[cuda] the driver supports CUDA {}, {} needs {}: update the driver, or build banach with "
        "an older CUDA, {} at least. {}",
        cuda_version(driver_version), path.filename().string(), cuda_version(needed),
        cuda_version(kLeastVersion), kUseCpu);
  }
  return problem.empty() ? module : nullptr;
}

Gpus look() {
  Gpus gpus;
  const fs::path path = module_path();
  std::error_code error;
  if (!fs::exists(path, error)) {
    gpus.reason =
        fmt::format("there is no {}: this banach was built without BANACH_CUDA", path.string());
    return gpus;
  }
  Driver driver = ask_driver();
  gpus.problem = driver.problem;
  gpus.reason = driver.reason;
  if (driver.gpus.empty()) return gpus;
  gpus.module = load(path, driver.version, gpus.problem);
  gpus.reason.clear();
  if (gpus.module != nullptr) gpus.names = std::move(driver.gpus);
  return gpus;
}

Gpus look_and_warn() {
  Gpus gpus = look();
  if (!gpus.problem.empty()) warn(gpus.reason = gpus.problem);
  return gpus;
}

}  // namespace

const Gpus& find_gpus() {
  static const Gpus gpus = look_and_warn();
  return gpus;
}

}  // namespace banach
