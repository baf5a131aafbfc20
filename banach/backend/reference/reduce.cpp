#include <banach/backend/reference/reference.hpp>
#include <banach/ops/functions.hpp>
#include <banach/ops/reduce.hpp>

#include <algorithm>
#include <limits>
#include <vector>

namespace banach::reference {
namespace {

using Steps = std::vector<std::int64_t>;

// Calls f(index in x, index of the output element that its position on the kept axes names).
template <class F>
void for_each_element(const Shape& shape, const Steps& output_steps, const F& f) {
  const std::int64_t size = shape.size();
  for (std::int64_t i = 0; i < size; ++i) {
    std::int64_t rest = i, at = 0;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      at += rest % shape[axis] * output_steps[static_cast<std::size_t>(axis)];
      rest /= shape[axis];
    }
    f(i, at);
  }
}

template <class T>
void sum(T* y, const T* x, const Shape& shape, const Steps& output_steps,
         std::vector<double>& totals) {
  std::ranges::fill(totals, 0);
  for_each_element(shape, output_steps, [&](std::int64_t i, std::int64_t at) {
    totals[static_cast<std::size_t>(at)] += x[i];
  });
  std::ranges::transform(totals, y, [](double total) { return static_cast<T>(total); });
}

Steps output_steps(const Shape& shape, const std::vector<int>& axes) {
  Steps steps(static_cast<std::size_t>(shape.rank()), 0);
  std::int64_t step = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    if (std::ranges::find(axes, axis) != axes.end()) continue;
    steps[axis] = step;
    step *= shape[axis];
  }
  return steps;
}

Prepared prepare_sum(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const Shape shape = in[0].spec.shape;
    std::vector<double> totals(static_cast<std::size_t>(out[0].size()));
    return Kernel([y = out[0].as<T>(), x = in[0].as<T>(), shape,
                   steps = output_steps(shape, static_cast<const SumOp&>(*n.op).axes),
                   totals = std::move(totals)]() mutable { sum(y, x, shape, steps, totals); });
  });
}

Prepared prepare_max(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const Shape shape = in[0].spec.shape;
    return Kernel([y = out[0].as<T>(), x = in[0].as<T>(), shape, size = out[0].size(),
                   steps = output_steps(shape, static_cast<const MaxOp&>(*n.op).axes)] {
      std::fill(y, y + size, -std::numeric_limits<T>::infinity());
      for_each_element(shape, steps, [&](std::int64_t i, std::int64_t at) {
        y[at] = functions::Maximum::forward(y[at], x[i]);
      });
    });
  });
}

Prepared prepare_max_grad(const Node& node) {
  return prepare_floating(node, []<class T>(const Node& n, const Views& in, const Views& out) {
    const Shape shape = in[1].spec.shape;
    std::vector<T> counts(static_cast<std::size_t>(in[0].size()));
    return Kernel([dx = out[0].as<T>(), dy = in[0].as<T>(), x = in[1].as<T>(), y = in[2].as<T>(),
                   shape, steps = output_steps(shape, static_cast<const MaxGradOp&>(*n.op).axes),
                   counts = std::move(counts)]() mutable {
      std::ranges::fill(counts, T(0));
      for_each_element(shape, steps, [&](std::int64_t i, std::int64_t at) {
        counts[static_cast<std::size_t>(at)] += x[i] == y[at] ? T(1) : T(0);
      });
      for_each_element(shape, steps, [&](std::int64_t i, std::int64_t at) {
        dx[i] = x[i] == y[at] ? dy[at] / counts[static_cast<std::size_t>(at)] : T(0);
      });
    });
  });
}

template <class T>
double weighted_sum(const T* values, const T* weights, std::int64_t n) {
  double total = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    total += static_cast<double>(values[i]) * (weights ? static_cast<double>(weights[i]) : 1);
  }
  return total;
}

template <class T>
const T* optional_input(const Views& in, std::size_t index) {
  return in.size() > index ? in[index].as<T>() : nullptr;
}

Prepared prepare_weighted_mean(const Node& node) {
  return prepare_floating(node, []<class T>(const Node&, const Views& in, const Views& out) {
    return Kernel([mean = out[0].as<T>(), values = in[0].as<T>(),
                   weights = optional_input<T>(in, 1), n = in[0].size()] {
      *mean = static_cast<T>(weighted_sum(values, weights, n) / static_cast<double>(n));
    });
  });
}

Prepared prepare_weighted_mean_grad(const Node& node) {
  return prepare_floating(node, []<class T>(const Node&, const Views& in, const Views& out) {
    return Kernel([dvalues = out[0].as<T>(), dmean = in[0].as<T>(),
                   weights = optional_input<T>(in, 1), n = out[0].size()] {
      for (std::int64_t i = 0; i < n; ++i) {
        dvalues[i] = *dmean * (weights ? weights[i] : T(1)) / static_cast<T>(n);
      }
    });
  });
}

Prepared prepare_accumulate_mean(const Node& node) {
  return prepare_floating(
      node,
      []<class T>(const Node& n, const Views& in, const Views& out) {
        const double multiplier = static_cast<const AccumulateMeanOp&>(*n.op).multiplier;
        return Kernel([next = out[0].as<T>(), state = in[0].as<T>(), values = in[1].as<T>(),
                       weights = optional_input<T>(in, 2), count = in[1].size(), multiplier] {
          const double total = weighted_sum(values, weights, count);
          const double weight =
              weights ? weighted_sum<T>(weights, nullptr, count) : static_cast<double>(count);
          next[0] = static_cast<T>(state[0] + multiplier * total);
          next[1] = static_cast<T>(state[1] + multiplier * weight);
        });
      },
      {0});
}

constexpr KernelRow kRows[] = {{"sum", accepts_floating, prepare_sum},
                               {"max", accepts_floating, prepare_max},
                               {"max_grad", accepts_floating, prepare_max_grad},
                               {"weighted_mean", accepts_floating, prepare_weighted_mean},
                               {"weighted_mean_grad", accepts_floating, prepare_weighted_mean_grad},
                               {"accumulate_mean", accepts_floating, prepare_accumulate_mean}};

}  // namespace

std::span<const KernelRow> reduce_rows() { return kRows; }

}  // namespace banach::reference
