#include <banach/backend/reference/reference.hpp>
#include <banach/backend/update_views.hpp>
#include <banach/ops/loss_scale.hpp>

#include <algorithm>
#include <cmath>

namespace banach::reference {
namespace {

template <class T>
T square_root(T x) {
  return std::sqrt(x);
}
template <class T>
T absolute(T x) {
  return std::abs(x);
}
template <class T>
T maximum(T a, T b) {
  return functions::Maximum::forward(a, b);
}

#include <banach/ops/update_formulas-inl.hpp>

template <class Rule, class T, class Numbers>
void update(const UpdateViews<Rule, T>& s, const Numbers& numbers, T decay, T scale) {
  for (std::int64_t i = 0; i < s.size; ++i) {
    std::array<T, Rule::kSlots> slots;
    for (std::size_t k = 1; k <= Rule::kSlots; ++k) slots[k - 1] = s.from[k][i];
    T w = s.from[0][i];
    if (decay != 0) w -= decay * w;
    s.to[0][i] = w - change(Rule(), s.g[i] * scale, slots, numbers);
    for (std::size_t k = 1; k <= Rule::kSlots; ++k) s.to[k][i] = slots[k - 1];
  }
}

template <class Rule>
Prepared prepare_update(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node& n, const Views& in, const Views& out) {
        const auto& op = static_cast<const UpdateOp<Rule>&>(*n.op);
        return Kernel([all = update_views<Rule, T>(in, out), rule = op.rule,
                       weight_decay = op.weight_decay, scalars = ScalarViews<Rule, T>(op, in)] {
          const StepScalars now = scalars.read();
          if (now.gradient_scale == 0) return keep_values(all);
          const auto numbers = convert_numbers<T>(rule.numbers(now));
          const T decay = static_cast<T>(weight_decay * now.rate);
          const T scale = static_cast<T>(now.gradient_scale);
          for (const auto& views : all) update<Rule>(views, numbers, decay, scale);
        });
      },
      update_in_place<Rule>(node));
}

Prepared prepare_of_step(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    return Kernel([y = out[0].as<T>(), t = in[0].as<std::int64_t>(),
                   function = static_cast<const OfStepOp&>(*n.op).function] {
      *y = static_cast<T>(function(*t));
    });
  });
}

bool all_finite(const View& x) {
  return visit_dtype(x.spec.dtype, [&]<class T>() {
    bool finite = true;
    for (std::int64_t i = 0; i < x.size(); ++i) finite &= std::isfinite(+x.as<T>()[i]);
    return finite;
  });
}

Prepared prepare_loss_scale(const Node& node) {
  const std::int64_t growth_steps = static_cast<const LossScaleOp&>(*node.op).growth_steps;
  return {
      "reference", 0, {-1, 0, 1}, [growth_steps](const Views& in, const Views& out, std::byte*) {
        return Kernel([=] {
          const LossScaleState now{*in[0].as<float>(), *in[1].as<std::int64_t>()};
          const bool finite = std::all_of(in.begin() + 2, in.end(), all_finite);
          const LossScaleState next = next_loss_scale(now, finite, growth_steps);
          *out[0].as<float>() = finite ? 1 / now.scale : 0;
          *out[1].as<float>() = next.scale;
          *out[2].as<std::int64_t>() = next.steps;
        });
      }};
}

std::vector<KernelRow> make_rows() {
  std::vector<KernelRow> rows = {{"of_step", accepts_all, prepare_of_step},
                                 {"loss_scale", accepts_all, prepare_loss_scale}};
  functions::for_each<rules::All>([&]<class Rule>() {
    rows.push_back({Rule::kName, accepts_floating, prepare_update<Rule>});
  });
  return rows;
}

}  // namespace

std::span<const KernelRow> update_rows() {
  static const std::vector<KernelRow> rows = make_rows();
  return rows;
}

}  // namespace banach::reference
