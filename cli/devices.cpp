#include <cli/commands.hpp>
#include <cli/output.hpp>

#include <banach/backend/devices.hpp>
#include <banach/core/fields.hpp>
#include <banach/core/memory.hpp>
#include <banach/core/threads.hpp>

#include <fmt/format.h>
#include <memory>

namespace banach::cli {
namespace {

constexpr const char* kFooter =
    "Examples:\n"
    "  banach devices           what models run on\n"
    "  banach devices --json";

// Null where the system does not say.
Json memory() {
  const std::uint64_t bytes = available_memory();
  return bytes > INT64_MAX ? Json() : to_json(bytes);
}

template <class Device>
Json list(const std::vector<Device>& devices) {
  Json::List list;
  for (const Device& device : devices) {
    list.push_back(Json::dict({{"name", device.name}, {"type", device.device_type}}));
  }
  return list;
}

Json as_json() {
  const config::CpuFeatures cpu = config::cpu_features();
  Json result = Json::dict({{"physical", list(config::list_physical_devices())},
                            {"logical", list(config::list_logical_devices())},
                            {"cpu", Json::dict({{"threads", config::num_threads()},
                                                {"simd", cpu.simd},
                                                {"bfloat16", cpu.bfloat16}})},
                            {"available_memory", memory()}});
  Json::List gpus;
  for (const config::PhysicalDevice& gpu : config::list_physical_devices("GPU")) {
    gpus.push_back(config::get_device_details(gpu).device_name);
  }
  if (gpus.empty()) result["no_gpu"] = config::why_no_gpu();
  result["gpus"] = std::move(gpus);
  return result;
}

std::string as_text() {
  const config::CpuFeatures cpu = config::cpu_features();
  std::string text = "/device:CPU:0\n";
  text += fmt::format("  threads             {}\n", config::num_threads());
  text += fmt::format("  instruction set     {}\n", cpu.simd);
  text += fmt::format("  bfloat16 products   {}\n",
                      cpu.bfloat16.empty() ? "in float32: it has no AVX-512 BF16" : cpu.bfloat16);
  if (!memory().is_null()) {
    text += fmt::format("  available memory    {}\n", bytes_text(available_memory()));
  }
  const auto gpus = config::list_physical_devices("GPU");
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    text += fmt::format("/device:GPU:{}\n  name                {}\n", i,
                        config::get_device_details(gpus[i]).device_name);
  }
  if (gpus.empty()) text += fmt::format("no GPU: {}\n", config::why_no_gpu());
  return text;
}

}  // namespace

void add_devices(Command app) {
  const auto json = std::make_shared<bool>(false);
  const Command devices = app.add_command("devices", "Show what models run on");
  devices.add_flag("--json", *json, "One JSON object on stdout");
  devices.footer(kFooter);
  devices.callback([json] {
    const Output output(*json);
    *json ? output.print(as_json()) : print(as_text());
  });
}

}  // namespace banach::cli
