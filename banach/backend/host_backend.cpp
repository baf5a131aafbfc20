#include <banach/backend/host_backend.hpp>
#include <banach/core/memory.hpp>

#include <cstring>

namespace banach {
namespace {

class HostBackend final : public Backend {
 public:
  HostBackend(std::string name, std::vector<KernelRow> rows)
      : name_(std::move(name)), rows_(std::move(rows)) {}

  std::string name() const override { return name_; }
  Buffer allocate(std::size_t bytes) const override { return Buffer::allocate_lasting(bytes); }
  void write(std::byte* to, const void* from, std::size_t bytes) const override {
    if (bytes > 0) std::memcpy(to, from, bytes);
  }
  void read(void* to, const std::byte* from, std::size_t bytes) const override {
    if (bytes > 0) std::memcpy(to, from, bytes);
  }
  std::uint64_t available() const override { return available_memory(); }
  bool is_host() const override { return true; }
  std::span<const KernelRow> kernels() const override { return rows_; }
  Kernel make_runner(std::span<const Kernel> kernels, std::span<const Access>) const override {
    return Kernel([kernels]() -> Status {
      for (const Kernel& kernel : kernels) {
        if (const Status status = kernel(); status != 0) return status;
      }
      return 0;
    });
  }

 private:
  std::string name_;
  std::vector<KernelRow> rows_;
};

}  // namespace

BackendPtr make_host_backend(std::string name, std::vector<KernelRow> rows) {
  return std::make_shared<HostBackend>(std::move(name), std::move(rows));
}

}  // namespace banach
