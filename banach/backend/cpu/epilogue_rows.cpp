#include <banach/backend/cpu/convert.hpp>
#include <banach/backend/cpu/gemm_tile.hpp>
#include <banach/backend/cpu/rows.hpp>

#include <utility>

namespace banach::cpu {
namespace {

constexpr std::pair<std::string_view, Activation> kActivations[] = {
    {"linear", Activation::linear}, {"relu", Activation::relu},
    {"relu6", Activation::relu6},   {"selu", Activation::selu},
    {"elu", Activation::elu},       {"sigmoid", Activation::sigmoid},
    {"tanh", Activation::tanh},     {"exponential", Activation::exponential}};

bool accepts_grad(const Node& node) {
  const auto& op = static_cast<const EpilogueGradOp&>(*node.op);
  const DType dtype = node.inputs[0].dtype();
  const bool one_type = node.inputs[1].dtype() == dtype;
  return one_type && (dtype == float32 || dtype == bfloat16) &&
         find_activation(op.epilogue.activation).has_value();
}

Prepared prepare_bf16_grad(const Node& node, std::int64_t rows, std::int64_t columns) {
  const std::size_t sums_bytes = aligned_bytes(columns);
  return {simd_implementation(),
          sums_bytes + epilogue_grad_scratch_bytes(rows, columns),
          {0, -1},
          [=, op = node.op](const Views& in, const Views& out, std::byte* scratch) {
            const Epilogue& epilogue = static_cast<const EpilogueGradOp&>(*op).epilogue;
            return Kernel([=, e = epilogue_arguments(epilogue, in[1].spec.shape, {}),
                           dx = out[0].as<BFloat16>(), dbias = out[1].as<BFloat16>(),
                           dz = in[0].as<BFloat16>(), z = in[1].as<BFloat16>()] {
              auto* sums = reinterpret_cast<float*>(scratch);
              epilogue_grad(dx, sums, dz, z, rows, columns, e, scratch + sums_bytes);
              convert(dbias, sums, columns);
            });
          }};
}

Prepared prepare_grad(const Node& node) {
  const std::int64_t columns = node.outputs[1].shape.size();
  const std::int64_t rows = columns == 0 ? 0 : node.outputs[0].shape.size() / columns;
  if (node.outputs[0].dtype == bfloat16) return prepare_bf16_grad(node, rows, columns);
  return {simd_implementation(),
          epilogue_grad_scratch_bytes(rows, columns),
          {0, -1},
          [=, op = node.op](const Views& in, const Views& out, std::byte* scratch) {
            const Epilogue& epilogue = static_cast<const EpilogueGradOp&>(*op).epilogue;
            return Kernel([=, e = epilogue_arguments(epilogue, in[1].spec.shape, {}),
                           dx = out[0].as<float>(), dbias = out[1].as<float>(),
                           dz = in[0].as<float>(), z = in[1].as<float>()] {
              epilogue_grad(dx, dbias, dz, z, rows, columns, e, scratch);
            });
          }};
}

constexpr KernelRow kRows[] = {{"epilogue_grad", accepts_grad, prepare_grad}};

}  // namespace

std::optional<Activation> find_activation(std::string_view name) {
  for (const auto& [known, activation] : kActivations) {
    if (known == name) return activation;
  }
  return std::nullopt;
}

EpilogueArguments epilogue_arguments(const Epilogue& epilogue, const Shape& result,
                                     const Views& in) {
  EpilogueArguments e;
  if (epilogue.bias && in.size() > 2) e.bias = in[2].as<float>();
  e.activation = find_activation(epilogue.activation).value_or(Activation::linear);
  e.alpha = static_cast<float>(epilogue.parameters.alpha);
  e.scale = static_cast<float>(epilogue.parameters.scale);
  for (int axis = 1; axis + 1 < result.rank(); ++axis) e.rows_per_sample *= result[axis];
  if (!epilogue.alpha_dropout) return e;
  const DropoutParameters& p = *epilogue.alpha_dropout;
  e.dropout = true;
  e.threshold = dropout_threshold(p.rate);
  e.a = static_cast<float>(p.a);
  e.b = static_cast<float>(p.b);
  e.c = static_cast<float>(p.c);
  e.key = {static_cast<std::uint32_t>(p.key), static_cast<std::uint32_t>(p.key >> 32)};
  if (!in.empty()) e.step = in.back().as<std::int64_t>();
  return e;
}

std::span<const KernelRow> epilogue_rows() { return kRows; }

}  // namespace banach::cpu
