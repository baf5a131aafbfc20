// The list of backends, and which of them models run on.
#include <banach/backend/cpu/rows.hpp>
#include <banach/backend/device_options.hpp>
#include <banach/backend/devices.hpp>
#include <banach/backend/host_backend.hpp>
#include <banach/backend/kernel_rows.hpp>
#include <banach/backend/reference/reference.hpp>
#include <banach/core/errors.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <mutex>

namespace banach {
namespace {

std::vector<KernelRow> cpu_rows() { return join_rows({cpu::all_rows(), reference::all_rows()}); }

// Made on first use; null when there is no such GPU.
BackendPtr gpu_backend(std::size_t ordinal) {
  static std::mutex mutex;
  static std::vector<BackendPtr> made;
  const Gpus& gpus = find_gpus();
  if (ordinal >= gpus.names.size()) return nullptr;
  const std::scoped_lock lock(mutex);
  made.resize(gpus.names.size());
  if (made[ordinal] == nullptr) {
    const int gpu = static_cast<int>(ordinal);
    made[ordinal] = gpus.module->make_backend(gpu, settle_gpu_options(gpu));
  }
  return made[ordinal];
}

// The number in "PREFIX:3"; nothing for another text.
std::optional<std::size_t> ordinal_in(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return {};
  name.remove_prefix(prefix.size());
  if (name.empty()) return 0;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (name[0] != ':' || name.size() < 2 || name.size() > 5 ||
      !std::all_of(name.begin() + 1, name.end(), is_digit)) {
    return {};
  }
  return std::stoul(std::string(name.substr(1)));
}

[[noreturn]] void refuse_device(const std::string& name) {
  const Gpus& gpus = find_gpus();
  if (!gpus.problem.empty()) throw DeviceError(gpus.problem);
  if (gpus.names.empty()) {
    throw NotFound(
        fmt::format("[device] no device '{}' here: there is CPU:0. No GPU: {}", name, gpus.reason));
  }
  std::string known = "CPU:0";
  for (std::size_t i = 0; i < gpus.names.size(); ++i) known += fmt::format(", GPU:{}", i);
  throw NotFound(fmt::format("[device] no device '{}' here: there is {}", name, known));
}

BackendPtr backend_of_device(const std::string& name) {
  std::string plain = name;
  std::ranges::transform(plain, plain.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const std::string_view prefix : {"/", "device:"}) {
    if (plain.starts_with(prefix)) plain.erase(0, prefix.size());
  }
  if (ordinal_in(plain, "cpu") == 0) return host_backend();
  const auto ordinal = ordinal_in(plain, "gpu");
  const BackendPtr gpu = ordinal ? gpu_backend(*ordinal) : nullptr;
  if (gpu == nullptr) refuse_device(name);
  return gpu;
}

// The innermost scope's; null outside of all.
BackendPtr& scoped_backend() {
  static thread_local BackendPtr backend;
  return backend;
}

}  // namespace

std::string Backend::explain(Status status) const {
  return name() + " status " + std::to_string(status);
}

std::unique_ptr<InputStage> Backend::make_stage(const Views&) const { return nullptr; }

const KernelRow* Backend::find(const Node& node) const {
  const std::string name = node.op->name();
  const auto rows = kernels();
  const auto row = std::ranges::find_if(
      rows, [&](const KernelRow& r) { return r.op == name && r.accepts(node); });
  return row == rows.end() ? nullptr : &*row;
}

BackendPtr host_backend() {
  static const BackendPtr cpu = make_host_backend("cpu", cpu_rows());
  return cpu;
}

BackendPtr get_backend(const std::string& name) {
  static const BackendPtr oracle = make_host_backend("reference", reference::all_rows());
  if (name == "cpu") return host_backend();
  if (name == "reference") return oracle;
  if (const auto ordinal = ordinal_in(name, "cuda")) {
    if (BackendPtr gpu = gpu_backend(*ordinal)) return gpu;
    if (const Gpus& gpus = find_gpus(); !gpus.problem.empty()) throw DeviceError(gpus.problem);
  }
  throw NotFound(fmt::format(
      "[get_backend] unknown backend '{}': expected cpu, reference or one of {} GPUs, cuda:0 ...",
      name, find_gpus().names.size()));
}

BackendPtr default_backend() {
  if (scoped_backend() != nullptr) return scoped_backend();
  const BackendPtr gpu = gpu_backend(0);
  return gpu != nullptr ? gpu : host_backend();
}

DeviceScope::DeviceScope(BackendPtr backend)
    : before_(std::exchange(scoped_backend(), std::move(backend))) {}
DeviceScope::~DeviceScope() { scoped_backend() = std::move(before_); }

DeviceScope device(const std::string& name) { return DeviceScope(backend_of_device(name)); }

config::MemoryInfo config::get_memory_info(const std::string& device) {
  const BackendPtr backend = backend_of_device(device);
  if (backend->is_host()) {
    throw InvalidArgument(fmt::format(
        "[get_memory_info] expected a GPU, received '{}': a CPU's memory is not counted", device));
  }
  return find_gpus().module->memory_info(*backend);
}

}  // namespace banach
