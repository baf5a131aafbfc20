#include <banach/backend/cpu/rows.hpp>
#include <banach/backend/cpu/update.hpp>
#include <banach/backend/update_views.hpp>

#include <algorithm>

namespace banach::cpu {
namespace {

// float32 throughout, but for t, the second scalar.
template <class Rule>
bool accepts_update(const Node& node) {
  return node.inputs[0].dtype() == float32 && is_float32(node, Rule::kScalars > 1 ? 2 : 1);
}

template <class Rule>
std::vector<Segment> segments_of(const Views& in, const Views& out) {
  std::vector<Segment> segments;
  for (const auto& views : update_views<Rule, float>(in, out)) {
    Segment& s = segments.emplace_back(Segment{{}, {}, views.g, views.size});
    std::ranges::copy(views.to, s.to.begin());
    std::ranges::copy(views.from, s.from.begin());
  }
  return segments;
}

template <class Rule>
UpdateArguments arguments_of(const UpdateOp<Rule>& op, const StepScalars& scalars) {
  UpdateArguments arguments{{}, static_cast<float>(op.weight_decay * scalars.rate)};
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
                           scalars = ScalarViews<Rule, float>(in)] {
              update(range, segments, arguments_of(op, scalars.read()));
            });
          }};
}

std::vector<KernelRow> make_rows() {
  std::vector<KernelRow> rows;
  functions::for_each<rules::All>([&]<class Rule>() {
    rows.push_back({Rule::kName, accepts_update<Rule>, prepare_update<Rule>});
  });
  return rows;
}

}  // namespace

std::span<const KernelRow> update_rows() {
  static const std::vector<KernelRow> rows = make_rows();
  return rows;
}

}  // namespace banach::cpu
