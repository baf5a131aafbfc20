#include <banach/backend/cpu/dropout.hpp>
#include <banach/backend/cpu/rows.hpp>
#include <banach/ops/dropout.hpp>

namespace banach::cpu {
namespace {

DropoutArguments arguments_of(const DropoutParameters& p) {
  return {dropout_threshold(p.rate),
          static_cast<float>(p.a),
          static_cast<float>(p.b),
          static_cast<float>(p.c),
          {static_cast<std::uint32_t>(p.key), static_cast<std::uint32_t>(p.key >> 32)}};
}

bool accepts_dropout(const Node& node) {
  const auto& op = static_cast<const DropoutOp&>(*node.op);
  return node.outputs[0].dtype == float32 && op.noise_shape == node.outputs[0].shape;
}

Prepared prepare_dropout(const Node& node) {
  const Shape& shape = node.outputs[0].shape;
  const std::int64_t rows = shape.rank() == 0 ? 1 : shape[0];
  const std::int64_t row_size = rows == 0 ? 0 : shape.size() / rows;
  const auto p = arguments_of(static_cast<const DropoutOp&>(*node.op).parameters);
  return {simd_implementation(), 0, {0}, [=](const Views& in, const Views& out, std::byte*) {
            return Kernel(
                [=, y = out[0].as<float>(), x = in[0].as<float>(),
                 step = in[1].as<std::int64_t>()] { dropout(y, x, rows, row_size, *step, p); });
          }};
}

constexpr KernelRow kRows[] = {{"dropout", accepts_dropout, prepare_dropout}};

}  // namespace

std::span<const KernelRow> dropout_rows() { return kRows; }

}  // namespace banach::cpu
