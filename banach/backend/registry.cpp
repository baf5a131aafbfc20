// The list of backends.
#include <banach/backend/cpu/rows.hpp>
#include <banach/backend/host_backend.hpp>
#include <banach/backend/reference/reference.hpp>
#include <banach/core/errors.hpp>

#include <algorithm>

namespace banach {
namespace {

std::vector<KernelRow> cpu_rows() {
  std::vector<KernelRow> rows = cpu::all_rows();
  const std::vector<KernelRow> fallback = reference::all_rows();
  rows.insert(rows.end(), fallback.begin(), fallback.end());
  return rows;
}

}  // namespace

std::string Backend::explain(Status status) const {
  return name() + " status " + std::to_string(status);
}

const KernelRow* Backend::find(const Node& node) const {
  const std::string name = node.op->name();
  const auto rows = kernels();
  const auto row = std::ranges::find_if(
      rows, [&](const KernelRow& r) { return r.op == name && r.accepts(node); });
  return row == rows.end() ? nullptr : &*row;
}

BackendPtr get_backend(const std::string& name) {
  static const BackendPtr cpu = make_host_backend("cpu", cpu_rows());
  static const BackendPtr oracle = make_host_backend("reference", reference::all_rows());
  if (name == "cpu") return cpu;
  if (name == "reference") return oracle;
  throw NotFound("[get_backend] unknown backend '" + name + "': expected cpu or reference");
}

BackendPtr default_backend() { return get_backend("cpu"); }

}  // namespace banach
