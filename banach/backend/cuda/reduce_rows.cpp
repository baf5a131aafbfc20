#include <banach/backend/cuda/rows.hpp>

namespace banach::cuda {

std::span<const KernelRow> reduce_rows() { return {}; }

}  // namespace banach::cuda
