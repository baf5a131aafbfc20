#include <banach/backend/cuda/elementwise.hpp>
#include <banach/backend/cuda/rows.hpp>
#include <banach/ops/elementwise.hpp>

namespace banach::cuda {
namespace {

template <class F>
Prepared prepare_unary(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node& n, const Views& in, const Views& out) {
        const auto& p = static_cast<const UnaryOp<F>&>(*n.op).parameters;
        return Kernel([run = find_unary<T>(F::kName), y = out[0].as<T>(), x = in[0].as<T>(),
                       size = out[0].size(), alpha = static_cast<T>(p.alpha),
                       scale = static_cast<T>(p.scale)] { return run(y, x, size, alpha, scale); });
      },
      {0});
}

template <class F>
Prepared prepare_unary_grad(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node& n, const Views& in, const Views& out) {
        const auto& p = static_cast<const UnaryGradOp<F>&>(*n.op).parameters;
        return Kernel(
            [run = find_unary_grad<T>(F::kName), dx = out[0].as<T>(), dy = in[0].as<T>(),
             known = in[1].as<T>(), size = out[0].size(), alpha = static_cast<T>(p.alpha),
             scale = static_cast<T>(p.scale)] { return run(dx, dy, known, size, alpha, scale); });
      },
      {0});
}

std::vector<KernelRow> make_rows() {
  std::vector<KernelRow> rows;
  static std::vector<std::string> grad_names;  // the rows only view their names
  grad_names.reserve(std::tuple_size_v<functions::Unary>);
  functions::for_each<functions::Unary>([&]<class F>() {
    rows.push_back({F::kName, accepts_floating, prepare_unary<F>});
    grad_names.push_back(std::string(F::kName) + "_grad");
    rows.push_back({grad_names.back(), accepts_floating, prepare_unary_grad<F>});
  });
  return rows;
}

}  // namespace

std::span<const KernelRow> elementwise_rows() {
  static const std::vector<KernelRow> rows = make_rows();
  return rows;
}

}  // namespace banach::cuda
