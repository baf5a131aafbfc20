#include <banach/backend/reference/reference.hpp>
#include <banach/ops/update.hpp>

#include <cmath>

namespace banach::reference {
namespace {

template <class T>
struct SgdArguments {
  T *w, *velocity;
  const T *g, *rate;
  std::int64_t size;
};

template <class T>
void sgd(const SgdArguments<T>& s, T momentum, bool nesterov) {
  for (std::int64_t i = 0; i < s.size; ++i) {
    const T step = *s.rate * s.g[i];
    if (s.velocity == nullptr) {
      s.w[i] -= step;
      continue;
    }
    s.velocity[i] = momentum * s.velocity[i] - step;
    s.w[i] += nesterov ? momentum * s.velocity[i] - step : s.velocity[i];
  }
}

template <class T>
struct AdamArguments {
  T *w, *m, *v;
  const T* g;
  std::int64_t size;
};

template <class T>
void adam(const AdamArguments<T>& s, const AdamOp& op, T rate, std::int64_t t) {
  const double correction = std::sqrt(1 - std::pow(op.beta_2, static_cast<double>(t))) /
                            (1 - std::pow(op.beta_1, static_cast<double>(t)));
  const T alpha = static_cast<T>(rate * correction), epsilon = static_cast<T>(op.epsilon);
  for (std::int64_t i = 0; i < s.size; ++i) {
    s.m[i] += (s.g[i] - s.m[i]) * static_cast<T>(1 - op.beta_1);
    s.v[i] += (s.g[i] * s.g[i] - s.v[i]) * static_cast<T>(1 - op.beta_2);
    s.w[i] -= s.m[i] * alpha / (std::sqrt(s.v[i]) + epsilon);
  }
}

// Output i rewrites input `first` + i in place.
std::vector<int> rewrites(const Node& node, std::size_t first) {
  std::vector<int> in_place;
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    in_place.push_back(static_cast<int>(first + i));
  }
  return in_place;
}

Prepared prepare_sgd(const Node& node) {
  const std::size_t slots = static_cast<const SgdOp&>(*node.op).num_slots();
  const std::size_t n = node.outputs.size() / (1 + slots);
  return prepare_floating(
      node,
      [n, slots]<class T>(const Node& node, const Views& in, const Views& out) {
        const auto& op = static_cast<const SgdOp&>(*node.op);
        std::vector<SgdArguments<T>> all;
        for (std::size_t i = 0; i < n; ++i) {
          all.push_back({out[i].as<T>(), slots == 0 ? nullptr : out[n + i].as<T>(),
                         in[1 + i].as<T>(), in[0].as<T>(), out[i].size()});
        }
        return Kernel([all, momentum = static_cast<T>(op.momentum), nesterov = op.nesterov] {
          for (const auto& arguments : all) sgd(arguments, momentum, nesterov);
        });
      },
      rewrites(node, 1 + n));
}

Prepared prepare_adam(const Node& node) {
  const std::size_t n = node.outputs.size() / 3;
  return prepare_floating(
      node,
      [n]<class T>(const Node& node, const Views& in, const Views& out) {
        std::vector<AdamArguments<T>> all;
        for (std::size_t i = 0; i < n; ++i) {
          all.push_back({out[i].as<T>(), out[n + i].as<T>(), out[2 * n + i].as<T>(),
                         in[2 + i].as<T>(), out[i].size()});
        }
        return Kernel([all, &op = static_cast<const AdamOp&>(*node.op), rate = in[0].as<T>(),
                       t = in[1].as<std::int64_t>()] {
          for (const auto& arguments : all) adam(arguments, op, *rate, *t);
        });
      },
      rewrites(node, 2 + n));
}

constexpr KernelRow kRows[] = {{"sgd", accepts_floating, prepare_sgd},
                               {"adam", accepts_floating, prepare_adam}};

}  // namespace

std::span<const KernelRow> update_rows() { return kRows; }

}  // namespace banach::reference
