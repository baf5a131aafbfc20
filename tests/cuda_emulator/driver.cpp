// The driver, libcuda.so.1: how many GPUs there are and how old it is.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <tests/cuda_emulator/driver.hpp>

namespace {

int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::stoi(text) : otherwise;
}

constexpr int kNoDevice = 100;  // CUDA_ERROR_NO_DEVICE

}  // namespace

int cuInit(unsigned) {
  const int gpus = setting("BANACH_EMULATED_GPUS", 1);
  return setting("BANACH_EMULATED_INIT", gpus > 0 ? 0 : kNoDevice);
}
int cuDriverGetVersion(int* version) {
  *version = setting("BANACH_EMULATED_DRIVER", 13000);
  return 0;
}
int cuDeviceGetCount(int* count) {
  *count = setting("BANACH_EMULATED_GPUS", 1);
  return 0;
}
int cuDeviceGetAttribute(int* value, int, int) {
  *value = setting("BANACH_EMULATED_CAPABILITY", 9);
  return 0;
}
int cuDeviceGet(int* device, int ordinal) {
  *device = ordinal;
  return 0;
}
int cuDeviceGetName(char* name, int length, int device) {
  std::snprintf(name, static_cast<std::size_t>(length), "Emulated GPU %d", device);
  return 0;
}
