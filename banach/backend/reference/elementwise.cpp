#include <banach/backend/reference/reference.hpp>
#include <banach/ops/elementwise.hpp>

#include <cstring>

namespace banach::reference {
namespace {

template <class T, class Function>
void unary(T* y, const T* x, std::int64_t n, T alpha, T scale) {
  for (std::int64_t i = 0; i < n; ++i) y[i] = Function::forward(x[i], alpha, scale);
}

template <class T, class Function>
void unary_grad(T* dx, const T* dy, const T* known, std::int64_t n, T alpha, T scale) {
  for (std::int64_t i = 0; i < n; ++i) dx[i] = dy[i] * Function::slope(known[i], alpha, scale);
}

// How two inputs are walked to fill a broadcast output: the output's shape, and each input's step
// along each of its axes (0 where the input is repeated).
struct Walk {
  std::vector<std::int64_t> shape, a_steps, b_steps;
};

std::vector<std::int64_t> steps_of(const Shape& shape, const Shape& output) {
  const auto strides = shape.strides();
  std::vector<std::int64_t> steps(static_cast<std::size_t>(output.rank()), 0);
  const int shift = output.rank() - shape.rank();
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] != 1) steps[axis + shift] = strides[axis];
  }
  return steps;
}

template <class T, class Function>
void binary(T* c, const T* a, const T* b, const Walk& walk, std::size_t axis) {
  if (axis == walk.shape.size()) {
    *c = Function::forward(*a, *b);
    return;
  }
  std::int64_t inner = 1;
  for (std::size_t i = axis + 1; i < walk.shape.size(); ++i) inner *= walk.shape[i];
  for (std::int64_t i = 0; i < walk.shape[axis]; ++i) {
    binary<T, Function>(c + i * inner, a + i * walk.a_steps[axis], b + i * walk.b_steps[axis], walk,
                        axis + 1);
  }
}

template <class Function>
Prepared prepare_unary(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node& n, const Views& in, const Views& out) {
        const auto& p = static_cast<const UnaryOp<Function>&>(*n.op).parameters;
        return Kernel([y = out[0].as<T>(), x = in[0].as<T>(), size = out[0].size(),
                       alpha = static_cast<T>(p.alpha), scale = static_cast<T>(p.scale)] {
          unary<T, Function>(y, x, size, alpha, scale);
        });
      },
      {0});
}

template <class Function>
Prepared prepare_unary_grad(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node& n, const Views& in, const Views& out) {
        const auto& p = static_cast<const UnaryGradOp<Function>&>(*n.op).parameters;
        return Kernel([dx = out[0].as<T>(), dy = in[0].as<T>(), known = in[1].as<T>(),
                       size = out[0].size(), alpha = static_cast<T>(p.alpha),
                       scale = static_cast<T>(p.scale)] {
          unary_grad<T, Function>(dx, dy, known, size, alpha, scale);
        });
      },
      {0});
}

template <class Function>
Prepared prepare_binary(const Node& node) {
  const bool same = node.inputs[0].shape() == node.outputs[0].shape;
  return prepare_floating(
      node,
      []<class T>(const Node&, const Views& in, const Views& out) {
        const Shape& shape = out[0].spec.shape;
        Walk walk{{shape.begin(), shape.end()},
                  steps_of(in[0].spec.shape, shape),
                  steps_of(in[1].spec.shape, shape)};
        return Kernel([c = out[0].as<T>(), a = in[0].as<T>(), b = in[1].as<T>(),
                       walk = std::move(walk)] { binary<T, Function>(c, a, b, walk, 0); });
      },
      {same && node.inputs[1].shape() == node.outputs[0].shape ? 0 : -1});
}

Prepared prepare_cast(const Node&) {
  return {"reference", 0, {}, [](const Views& in, const Views& out, std::byte*) {
            return Kernel([to = out[0], from = in[0]] {
              convert_elements(to.data, to.spec.dtype, from.data, from.spec.dtype, to.size());
            });
          }};
}

Prepared prepare_increment(const Node&) {
  return {"reference", 0, {0}, [](const Views& in, const Views& out, std::byte*) {
            return Kernel(
                [y = out[0].as<std::int64_t>(), x = in[0].as<std::int64_t>()] { *y = *x + 1; });
          }};
}

Prepared prepare_either(const Node&) {
  return {"reference", 0, {2}, [](const Views& in, const Views& out, std::byte*) {
            return visit_dtype(in[0].spec.dtype, [&]<class Condition>() {
              return Kernel([y = out[0].data, x1 = in[1].data, x2 = in[2].data,
                             bytes = out[0].bytes(), condition = in[0].as<Condition>()] {
                const std::byte* from = *condition != 0 ? x1 : x2;
                if (from != y) std::memcpy(y, from, bytes);
              });
            });
          }};
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

}  // namespace banach::reference
