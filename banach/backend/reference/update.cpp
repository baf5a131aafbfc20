#include <banach/backend/reference/reference.hpp>
#include <banach/backend/update_views.hpp>

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
void update(const UpdateViews<Rule, T>& s, const Numbers& numbers, T decay) {
  for (std::int64_t i = 0; i < s.size; ++i) {
    std::array<T, Rule::kSlots> slots;
    for (std::size_t k = 1; k <= Rule::kSlots; ++k) slots[k - 1] = s.from[k][i];
    T w = s.from[0][i];
    if (decay != 0) w -= decay * w;
    s.to[0][i] = w - change(Rule(), s.g[i], slots, numbers);
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
                       weight_decay = op.weight_decay, scalars = ScalarViews<Rule, T>(in)] {
          const StepScalars now = scalars.read();
          const auto numbers = convert_numbers<T>(rule.numbers(now));
          const T decay = static_cast<T>(weight_decay * now.rate);
          for (const auto& views : all) update<Rule>(views, numbers, decay);
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

std::vector<KernelRow> make_rows() {
  std::vector<KernelRow> rows = {{"of_step", accepts_all, prepare_of_step}};
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
