#include <banach/backend/cuda/of_step.hpp>
#include <banach/backend/cuda/rows.hpp>
#include <banach/backend/cuda/update.hpp>
#include <banach/backend/update_views.hpp>

namespace banach::cuda {
namespace {

template <class Rule>
Prepared prepare_update(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node& n, const Views& in, const Views& out) {
        return find_update<T>(Rule::kName)(*n.op, in, out);
      },
      update_in_place<Rule>(node));
}

Prepared prepare_of_step(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    return make_of_step(out[0].as<T>(), in[0].as<std::int64_t>(),
                        static_cast<const OfStepOp&>(*n.op).function);
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

}  // namespace banach::cuda
