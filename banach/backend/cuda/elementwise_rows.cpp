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

// The input that the output may lie on: one that no element is read from twice.
int binary_in_place(const Node& node) {
  const std::int64_t size = node.outputs[0].shape.size();
  if (node.inputs[0].shape().size() == size) return 0;
  return node.inputs[1].shape().size() == size ? 1 : -1;
}

template <class F>
Prepared prepare_binary(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node&, const Views& in, const Views& out) {
        const Shape& shape = out[0].spec.shape;
        const Walk<2> walk = make_walk<2>(shape, {broadcast_steps(in[0].spec.shape, shape),
                                                  broadcast_steps(in[1].spec.shape, shape)});
        return Kernel([run = find_binary<T>(F::kName), c = out[0].as<T>(), a = in[0].as<T>(),
                       b = in[1].as<T>(), walk] { return run(c, a, b, walk); });
      },
      {binary_in_place(node)});
}

Prepared prepare_cast(const Node& node) {
  const Cast run = find_cast(node.outputs[0].dtype, node.inputs[0].dtype());
  return {"cuda", 0, {}, [run](const Views& in, const Views& out, std::byte*) {
            return Kernel([run, y = out[0].data, x = in[0].data, size = out[0].size()] {
              return run(y, x, size);
            });
          }};
}

Prepared prepare_increment(const Node&) {
  return {"cuda", 0, {0}, [](const Views& in, const Views& out, std::byte*) {
            return Kernel([y = out[0].as<std::int64_t>(), x = in[0].as<std::int64_t>()] {
              return increment(y, x);
            });
          }};
}

template <class Condition>
Kernel make_either(const Views& in, const Views& out) {
  return Kernel([y = out[0].data, condition = in[0].as<Condition>(), x1 = in[1].data,
                 x2 = in[2].data, bytes = static_cast<std::int64_t>(out[0].bytes())] {
    return either(y, condition, x1, x2, bytes);
  });
}

Prepared prepare_either(const Node& node) {
  return visit_floating(node.inputs[0].dtype(), []<class Condition>() -> Prepared {
    return {"cuda", 0, {2}, [](const Views& in, const Views& out, std::byte*) {
              return make_either<Condition>(in, out);
            }};
  });
}

std::vector<KernelRow> make_rows() {
  std::vector<KernelRow> rows = {{"cast", accepts_all, prepare_cast},
                                 {"increment", accepts_all, prepare_increment},
                                 {"either", accepts_all, prepare_either}};
  static std::vector<std::string> grad_names;  // the rows only view their names
  grad_names.reserve(std::tuple_size_v<functions::Unary>);
  functions::for_each<functions::Unary>([&]<class F>() {
    rows.push_back({F::kName, accepts_floating, prepare_unary<F>});
    grad_names.push_back(std::string(F::kName) + "_grad");
    rows.push_back({grad_names.back(), accepts_floating, prepare_unary_grad<F>});
  });
  functions::for_each<functions::Binary>([&]<class F>() {
    rows.push_back({F::kName, accepts_floating, prepare_binary<F>});
  });
  return rows;
}

}  // namespace

std::span<const KernelRow> elementwise_rows() {
  static const std::vector<KernelRow> rows = make_rows();
  return rows;
}

}  // namespace banach::cuda
