#include <banach/backend/cuda/loss_scale.hpp>
#include <banach/backend/cuda/rows.hpp>
#include <banach/ops/loss_scale.hpp>

namespace banach::cuda {
namespace {

Prepared prepare_loss_scale(const Node& node) {
  return {"cuda",
          kLossScaleScratchBytes,
          {-1, 0, 1},
          [op = node.op](const Views& in, const Views& out, std::byte* scratch) {
            return make_loss_scale(static_cast<const LossScaleOp&>(*op), in, out, scratch);
          }};
}

constexpr KernelRow kRows[] = {{"loss_scale", accepts_all, prepare_loss_scale}};

}  // namespace

std::span<const KernelRow> loss_scale_rows() { return kRows; }

}  // namespace banach::cuda
