#include <banach/backend/cpu/gemm.hpp>
#include <banach/backend/cpu/gemm_bf16.hpp>
#include <banach/backend/cpu/rows.hpp>
#include <banach/backend/cpu/update.hpp>
#include <banach/backend/update_views.hpp>
#include <banach/ops/matmul_update.hpp>

#include <algorithm>
#include <numeric>

namespace banach::cpu {
namespace {

// float32 throughout, but for t, the second scalar.
bool is_float32_update(const Node& node, std::size_t scalars) {
  return node.inputs[0].dtype() == float32 && is_float32(node, scalars > 1 ? 2 : 1);
}

template <class Rule>
bool accepts_update(const Node& node) {
  return is_float32_update(node, Rule::kScalars);
}

template <class Rule>
std::vector<UpdateSegment> segments_of(const Views& in, const Views& out) {
  std::vector<UpdateSegment> segments;
  for (const auto& views : update_views<Rule, float>(in, out)) {
    UpdateSegment& s = segments.emplace_back(UpdateSegment{{}, {}, views.g, views.size});
    std::ranges::copy(views.to, s.to.begin());
    std::ranges::copy(views.from, s.from.begin());
  }
  return segments;
}

template <class Rule>
UpdateArguments arguments_of(const UpdateOp<Rule>& op, const StepScalars& scalars) {
  UpdateArguments arguments{{},
                            static_cast<float>(op.weight_decay * scalars.rate),
                            static_cast<float>(scalars.gradient_scale)};
  std::ranges::copy(convert_numbers<float>(op.rule.numbers(scalars)), arguments.numbers.begin());
  return arguments;
}

template <class Rule>
Prepared prepare_update(const Node& node) {
  const auto& op = static_cast<const UpdateOp<Rule>&>(*node.op);
  const UpdateRange range = find_update(Rule::kName, op.weight_decay != 0);
  return {simd_implementation(), 0, update_in_place<Rule>(node),
          [&op, range](const Views& in, const Views& out, std::byte*) {
            return Kernel([&op, range, segments = segments_of<Rule>(in, out),
                           scalars = ScalarViews<Rule, float>(op, in)] {
              const StepScalars now = scalars.read();
              if (now.gradient_scale == 0) return keep_values(segments);
              update(range, segments, arguments_of(op, now));
            });
          }};
}

GemmShape gemm_shape(const Node& node) {
  const auto& op = static_cast<const MatmulUpdateOp&>(*node.op);
  return product_shape(node.inputs[op.scalars].shape(), node.inputs[op.scalars + 1].shape(),
                       op.transpose_a, op.transpose_b);
}

// The factors of the product are bfloat16, the weight and its slots are not.
bool is_bfloat16_update(const Node& node, std::size_t scalars) {
  const bool factors = node.inputs[scalars].dtype() == bfloat16 &&
                       node.inputs[scalars + 1].dtype() == bfloat16 && has_bf16_products();
  return factors && node.inputs[0].dtype() == float32 && is_float32(node, scalars + 2);
}

// Weights that leave the caches before their update would read them again.
bool accepts_matmul_update(const Node& node) {
  constexpr std::int64_t kLarge = 1 << 15;
  const std::size_t scalars = static_cast<const MatmulUpdateOp&>(*node.op).scalars;
  const GemmShape shape = gemm_shape(node);
  return shape.m * shape.n >= kLarge &&
         ((is_float32_update(node, scalars) && has_one_pass(shape)) ||
          (is_bfloat16_update(node, scalars) && has_one_bf16_pass(shape)));
}

void multiply(const WeightUpdate& u, const View& a, const View& b, const GemmShape& shape,
              std::byte* scratch) {
  if (a.spec.dtype == bfloat16) {
    gemm_bf16_update(u, a.as<BFloat16>(), b.as<BFloat16>(), shape, scratch);
  } else {
    gemm_update(u, a.as<float>(), b.as<float>(), shape, scratch);
  }
}

template <class Rule>
Prepared prepare_rule(const Node& node, const UpdateOp<Rule>& op) {
  const GemmShape shape = gemm_shape(node);
  const UpdateRange range = find_update(Rule::kName, op.weight_decay != 0);
  std::vector<int> in_place(node.outputs.size());
  std::iota(in_place.begin(), in_place.end(), static_cast<int>(Rule::kScalars + 2));
  const bool half = node.inputs[Rule::kScalars].dtype() == bfloat16;
  return {half ? gemm_bf16_implementation() : gemm_implementation(),
          half ? gemm_bf16_update_scratch_bytes(shape) : gemm_update_scratch_bytes(shape), in_place,
          [&op, shape, range](const Views& in, const Views& out, std::byte* scratch) {
            WeightUpdate u{range, {}, {}};
            u.weight.size = out[0].size();
            for (std::size_t k = 0; k < out.size(); ++k) {
              u.weight.from[k] = in[Rule::kScalars + 2 + k].template as<float>();
              u.weight.to[k] = out[k].template as<float>();
            }
            return Kernel([&op, shape, u, scalars = ScalarViews<Rule, float>(op, in), scratch,
                           a = in[Rule::kScalars], b = in[Rule::kScalars + 1]]() mutable {
              u.arguments = arguments_of(op, scalars.read());
              multiply(u, a, b, shape, scratch);
            });
          }};
}

Prepared prepare_matmul_update(const Node& node) {
  const Op& update = *static_cast<const MatmulUpdateOp&>(*node.op).update;
  Prepared prepared;
  functions::with_name<rules::All>(update.name(), [&]<class Rule>() {
    prepared = prepare_rule(node, static_cast<const UpdateOp<Rule>&>(update));
  });
  return prepared;
}

std::vector<KernelRow> make_rows() {
  std::vector<KernelRow> rows;
  functions::for_each<rules::All>([&]<class Rule>() {
    rows.push_back({Rule::kName, accepts_update<Rule>, prepare_update<Rule>});
  });
  rows.push_back({"matmul_update", accepts_matmul_update, prepare_matmul_update});
  return rows;
}

}  // namespace

std::span<const KernelRow> update_rows() {
  static const std::vector<KernelRow> rows = make_rows();
  return rows;
}

}  // namespace banach::cpu
